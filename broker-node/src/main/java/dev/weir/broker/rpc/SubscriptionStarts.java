// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchResponse;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.core.OffsetQuestion;

/// Finds where the subscriptions of a stream begin: a replica here is asked for the offset that was
/// meant, or whether the one that was named exists.
///
/// **Threading:** everything in the stream's turns.
final class SubscriptionStarts {

    /// The stream.
    interface Host {

        /// Runs an event in the stream's turns.
        void turn(Runnable event);

        /// A subscription begins where it stands now.
        ///
        /// @param bounds of the log, for the reader
        void begin(FetchSubscription subscription, FetchResponse.Builder bounds);

        /// The replica does not serve it.
        void refused(FetchSubscription subscription, ApiError error);
    }

    private final Host host;

    SubscriptionStarts(Host host) {
        this.host = host;
    }

    /// Asks the replica that serves the subscription.
    void find(FetchSubscription subscription) {
        var question = Positions.question("start", subscription.start());
        if (question.isPresent()) {
            ask(subscription, question.get());
            return;
        }
        long offset = subscription.start().getOffset();
        subscription.moveTo(offset);
        // One byte asks for as little as there is: this only proves that the offset exists.
        subscription.fetch(1, false, o -> host.turn(() -> onProbed(subscription, o)));
    }

    private void ask(FetchSubscription subscription, OffsetQuestion question) {
        subscription
                .replica()
                .listOffsets(
                        question,
                        subscription.leaderEpoch(),
                        outcome -> host.turn(() -> onFound(subscription, outcome)));
    }

    private void onFound(FetchSubscription subscription, ListOffsetsOutcome outcome) {
        if (subscription.isEnded()) {
            return;
        }
        if (outcome instanceof ListOffsetsOutcome.Found found) {
            subscription.moveTo(found.offset());
            subscription.saw(found.leaderEpoch());
            host.begin(
                    subscription,
                    FetchResponse.newBuilder()
                            .setHighWatermark(found.highWatermark())
                            .setLogStartOffset(found.logStartOffset())
                            .setLeaderEpoch(found.leaderEpoch()));
        } else {
            host.refused(subscription, subscription.errors().of(outcome));
        }
    }

    private void onProbed(FetchSubscription subscription, FetchOutcome outcome) {
        if (outcome instanceof FetchOutcome.Data data) {
            data.slice().release();
            if (!subscription.isEnded()) {
                subscription.answered();
                host.begin(subscription, bounds(data));
            }
        } else if (!subscription.isEnded()) {
            host.refused(subscription, subscription.errors().of(outcome));
        }
    }

    /// What every push says of the log beside its batches.
    static FetchResponse.Builder bounds(FetchOutcome.Data data) {
        return FetchResponse.newBuilder()
                .setHighWatermark(data.highWatermark())
                .setLogStartOffset(data.logStartOffset())
                .setLeaderEpoch(data.leaderEpoch());
    }
}
