// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/// What the errors of other nodes mean to the node that forwards. Stateless.
final class AwayErrors {

    private static final Pattern EPOCH = Pattern.compile("[0-9]{1,9}");

    /// Nothing was stored or read, because the node does not lead, or not yet, or not any more.
    private static final Set<ErrorReason> OF_THE_LEADER =
            EnumSet.of(
                    ErrorReason.NOT_LEADER,
                    ErrorReason.FENCED_EPOCH,
                    ErrorReason.NO_LEADER,
                    ErrorReason.NODE_NOT_READY,
                    ErrorReason.NODE_STOPPING,
                    // Its image is older than this node's, or this node's will soon say so too.
                    ErrorReason.UNKNOWN_TOPIC_ID,
                    ErrorReason.UNKNOWN_TOPIC_OR_PARTITION);

    private static final Set<ErrorReason> GAPS =
            EnumSet.of(ErrorReason.OUT_OF_ORDER_SEQUENCE, ErrorReason.UNKNOWN_PRODUCER_ID);

    private AwayErrors() {}

    /// Whether another node, or the same one a little later, will do what was refused.
    static boolean isOfTheLeader(ErrorReason reason) {
        return OF_THE_LEADER.contains(reason);
    }

    /// Whether a batch was refused because of what came before it, or did not.
    static boolean isGap(ErrorReason reason) {
        return GAPS.contains(reason);
    }

    /// The leader epoch that a refusal names; -1: none.
    static int epoch(ApiError error) {
        var epoch = error.metadata().getOrDefault("epoch", "");
        return isOfTheLeader(error.reason()) && EPOCH.matcher(epoch).matches()
                ? Integer.parseInt(epoch)
                : -1;
    }

    static ApiError unknown(AwayBatch batch) {
        return ApiError.of(
                ErrorReason.OUTCOME_UNKNOWN,
                "the records were sent to the leader of "
                        + name(batch)
                        + " but its answer did not come; they may or may not be stored");
    }

    static ApiError outOfTime(AwayBatch batch) {
        var last = batch.lastRefusal;
        return last == null ? batch.errors().noLeader() : last;
    }

    private static String name(AwayBatch batch) {
        return batch.topic + "-" + batch.partition.partition();
    }
}
