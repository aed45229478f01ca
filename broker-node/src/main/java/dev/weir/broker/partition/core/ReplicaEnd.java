// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// How far one replica's log reaches, as its own acknowledgements say.
///
/// **Invariant:** `durableOffset <= appendedOffset`.
///
/// @param nodeId the replica's node
/// @param appendedOffset exclusive end of its log
/// @param durableOffset exclusive end of what is on its stable storage
public record ReplicaEnd(int nodeId, long appendedOffset, long durableOffset) {

    public ReplicaEnd {
        if (durableOffset < 0 || appendedOffset < durableOffset) {
            throw new IllegalStateException(
                    "replica " + nodeId + " durable " + durableOffset + " of " + appendedOffset);
        }
    }

    /// The end that counts for a topic's durability.
    long at(Durability durability) {
        return durability == Durability.FSYNC ? durableOffset : appendedOffset;
    }
}
