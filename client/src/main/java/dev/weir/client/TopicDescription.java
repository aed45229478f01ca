// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// One topic, as the metadata has it.
///
/// @param id 32 hexadecimal digits
/// @param partitions ascending
/// @param configs every key that applies to the topic
/// @param metadataOffset what the description is true at
public record TopicDescription(
        String name,
        String id,
        boolean isInternal,
        List<Partition> partitions,
        List<ConfigValue> configs,
        long metadataOffset) {

    /// One partition.
    ///
    /// @param leader node id; empty while no replica can lead
    /// @param leaderAddress `HOST:PORT`; empty while no replica can lead
    /// @param replicas node ids, the preferred leader first
    /// @param isr node ids of the in-sync replicas
    /// @param elr node ids that may lead when no in-sync replica can
    /// @param recovering node ids whose restart lost what was in memory only: while ISR and ELR are
    ///   empty nobody leads until all of them are back
    /// @param logStartOffset inclusive; empty when the leader did not answer
    /// @param highWatermark exclusive; empty when the leader did not answer
    public record Partition(
            int partition,
            OptionalInt leader,
            String leaderAddress,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> elr,
            List<Integer> recovering,
            OptionalLong logStartOffset,
            OptionalLong highWatermark) {}
}
