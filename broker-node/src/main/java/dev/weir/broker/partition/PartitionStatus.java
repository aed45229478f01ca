// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.log.PartitionId;

import java.util.List;
import java.util.Optional;

/// A partition as its owner last published it. Immutable.
///
/// @param leaderId node that leads, or [dev.weir.broker.partition.core.Assignment#NO_LEADER]
/// @param leading this node leads and takes produces
/// @param logStartOffset inclusive
/// @param highWatermark exclusive end of what may be read
/// @param durableEndOffset exclusive end of what is on this node's stable storage
/// @param logEndOffset exclusive end of the local log
/// @param offlineReason why the partition takes no calls, when it does not
public record PartitionStatus(
        PartitionId id,
        int leaderId,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        boolean leading,
        long logStartOffset,
        long highWatermark,
        long durableEndOffset,
        long logEndOffset,
        Optional<String> offlineReason) {}
