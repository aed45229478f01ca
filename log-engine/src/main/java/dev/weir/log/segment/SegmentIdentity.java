// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import java.util.UUID;

/// Whose segment this is. Batches name no partition, so the sidecar does.
///
/// @param topicId the partition's topic
/// @param partition its number
/// @param directoryId the data directory it was written in
/// @param nonce random, new for each life of a segment
/// @param baseOffset first offset it may hold
public record SegmentIdentity(
        UUID topicId, int partition, UUID directoryId, long nonce, long baseOffset) {

    /// Whether both are of the same place, whatever their lives.
    public boolean isSamePlace(SegmentIdentity other) {
        return topicId.equals(other.topicId)
                && partition == other.partition
                && directoryId.equals(other.directoryId)
                && baseOffset == other.baseOffset;
    }
}
