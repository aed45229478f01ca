// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.mailbox;

/// The one behind a [Mailbox].
///
/// **Threading:** called by one thread at a time, with a happens-before from each turn to the next.
///
/// @param <E> the events
public interface Turns<E> {

    /// Takes one event, completely and without blocking. Effects are put off to [#endOfTurn].
    void onEvent(E event);

    /// Carries out what the turn's events led to, still as the only owner. What it offers to a
    /// mailbox, this one included, runs after it has returned.
    void endOfTurn();

    /// An event, or the end of a turn, threw. The mailbox goes on with the next event.
    void onFailure(Throwable failure);
}
