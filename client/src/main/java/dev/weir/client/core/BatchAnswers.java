// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What an answer, or the end of all sending, means for a batch and for those after it, and what
/// its senders are told.
///
/// Part of [ProducerCore]: adds to its effects.
final class BatchAnswers<C> {

    private final IdentityLease identity;
    private final List<ProducerEffect<C>> effects;

    BatchAnswers(IdentityLease identity, List<ProducerEffect<C>> effects) {
        this.identity = identity;
        this.effects = effects;
    }

    /// Takes the answer to one batch.
    ///
    /// @return why nothing more can be sent; `null`: it can
    @Nullable RuntimeException resolve(
            PartitionSends<C> sends,
            PartitionSends.Entry<C> entry,
            ProduceOutcome outcome,
            long nowNs) {
        switch (outcome) {
            case ProduceOutcome.Accepted(Acknowledgement acknowledgement) -> {
                sends.settle(entry);
                if (!entry.isAbandoned) {
                    effects.add(
                            new ProducerEffect.Delivered<>(sends.id, entry.batch, acknowledgement));
                }
            }
            case ProduceOutcome.Again again -> {
                sends.again(entry, again.isMaybeStored(), again.delayMs(), again.cause(), nowNs);
                if (again.isWrongNode()) {
                    sends.ledBy(null);
                }
            }
            case ProduceOutcome.OutOfSequence(RuntimeException cause) when entry.identity != null ->
                    reportLost(sends, sends.outOfSequence(entry, cause, nowNs), cause);
            case ProduceOutcome.Fenced(RuntimeException cause) when isOurOwnSuccessor(entry) ->
                    // This producer took the newer epoch itself, for another partition.
                    reportLost(sends, sends.outOfSequence(entry, cause, nowNs), cause);
            case ProduceOutcome.Fenced(RuntimeException cause) -> {
                refuse(sends, entry, cause);
                return cause;
            }
            case ProduceOutcome.OutOfSequence(RuntimeException cause) ->
                    refuse(sends, entry, cause);
            case ProduceOutcome.Refused(RuntimeException cause) -> refuse(sends, entry, cause);
        }
        return null;
    }

    /// Nothing of a partition is sent any more.
    void failAll(PartitionSends<C> sends, RuntimeException cause) {
        for (var entry : sends.all()) {
            if (!entry.isAbandoned) {
                effects.add(
                        new ProducerEffect.Failed<>(sends.id, entry.batch, failure(entry, cause)));
            }
            sends.abandon(entry);
        }
    }

    private boolean isOurOwnSuccessor(PartitionSends.Entry<C> entry) {
        var current = identity.current();
        return entry.identity != null && current != null && !entry.identity.equals(current);
    }

    private void reportLost(
            PartitionSends<C> sends, List<PartitionSends.Entry<C>> lost, RuntimeException cause) {
        for (var each : lost) {
            if (!each.isAbandoned) {
                effects.add(
                        new ProducerEffect.Failed<>(
                                sends.id, each.batch, new BatchFailure.OutcomeUnknown(cause)));
            }
        }
    }

    private void refuse(
            PartitionSends<C> sends, PartitionSends.Entry<C> entry, RuntimeException cause) {
        sends.drop(entry);
        if (!entry.isAbandoned) {
            effects.add(new ProducerEffect.Failed<>(sends.id, entry.batch, failure(entry, cause)));
        }
    }

    /// A refusal of this attempt, or of all further ones, says nothing of an earlier one that went
    /// unanswered.
    private static BatchFailure failure(PartitionSends.Entry<?> entry, RuntimeException cause) {
        return entry.isInFlight || entry.isMaybeStored
                ? new BatchFailure.OutcomeUnknown(cause)
                : new BatchFailure.Refused(cause);
    }
}
