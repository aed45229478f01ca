// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

/// The producer's newest identity, and whether another is being asked for.
final class IdentityLease {

    private final RetryBackoff backoff;
    private @Nullable ProducerIdentity current;
    private boolean isAsked;
    private boolean isFresh;
    private boolean mustWait;
    private long askAtNs;

    IdentityLease(RetryBackoff backoff) {
        this.backoff = backoff;
    }

    @Nullable ProducerIdentity current() {
        return current;
    }

    /// The identity that the next one is to follow; `null`: a new producer id.
    @Nullable ProducerIdentity predecessor() {
        return isFresh ? null : current;
    }

    /// Asks for a new producer id from now on, and no longer for the next epoch of this one: the
    /// answer that gave it may have been lost, and it is given only once.
    ///
    /// @return `false` if that is what was refused
    boolean startFresh() {
        boolean wasFollowing = predecessor() != null;
        isFresh = true;
        return wasFollowing;
    }

    /// @return whether to ask now
    boolean ask(long nowNs) {
        if (isAsked || (mustWait && nowNs - askAtNs < 0)) {
            return false;
        }
        isAsked = true;
        return true;
    }

    void given(ProducerIdentity identity) {
        current = identity;
        isFresh = false;
        isAsked = false;
        mustWait = false;
        backoff.reset();
    }

    void refused(long nowNs) {
        isAsked = false;
        mustWait = true;
        askAtNs = nowNs + backoff.nextDelayMs() * 1_000_000;
    }
}
