// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.ProduceResponse;
import dev.weir.client.core.Acknowledgement;
import dev.weir.client.core.ProduceOutcome;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// Answers to produce requests, as the core takes them. Stateless.
final class ProduceOutcomes {

    private static final Pattern EPOCH = Pattern.compile("[0-9]{1,9}");

    private ProduceOutcomes() {}

    /// What an answer about a request says.
    static ProduceOutcome of(ProduceResponse response) {
        if (!response.hasError() || StatusMapping.isOk(response.getError())) {
            var receipt = response.getReceipts(0);
            return new ProduceOutcome.Accepted(
                    new Acknowledgement(
                            receipt.getBaseOffset(),
                            receipt.getLeaderEpoch(),
                            receipt.getDurabilityValue(),
                            receipt.getReplicasList(),
                            receipt.getDurableReplicasList()));
        }
        var failure = StatusMapping.toException(response.getError());
        long delayMs = failure.retryDelay().map(Duration::toMillis).orElse(0L);
        return switch (failure.reason()) {
            case "OUT_OF_ORDER_SEQUENCE", "UNKNOWN_PRODUCER_ID" ->
                    new ProduceOutcome.OutOfSequence(failure);
            case "PRODUCER_FENCED" -> new ProduceOutcome.Fenced(failure);
            // A leader whose metadata is a moment behind does not know a new topic yet; whether it
            // is there at all is said by who is asked for leaders.
            case "NOT_LEADER", "FENCED_EPOCH", "UNKNOWN_TOPIC_ID", "UNKNOWN_TOPIC_OR_PARTITION" ->
                    new ProduceOutcome.Again(false, true, delayMs, failure);
            case "OUTCOME_UNKNOWN" -> new ProduceOutcome.Again(true, false, delayMs, failure);
            default ->
                    StatusMapping.canRetry(failure)
                            ? new ProduceOutcome.Again(false, false, delayMs, failure)
                            : new ProduceOutcome.Refused(failure);
        };
    }

    /// The epoch that a node knows which refused because it does not lead.
    static OptionalInt wrongLeaderEpoch(ProduceOutcome outcome) {
        if (outcome instanceof ProduceOutcome.Again again
                && again.isWrongNode()
                && again.cause() instanceof ClientException.Refused refused) {
            var epoch = refused.metadata().getOrDefault("epoch", "");
            if (EPOCH.matcher(epoch).matches()) {
                return OptionalInt.of(Integer.parseInt(epoch));
            }
        }
        return OptionalInt.empty();
    }
}
