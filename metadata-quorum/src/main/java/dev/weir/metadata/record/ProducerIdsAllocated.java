// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A block of producer ids was given out; none of them is given out again.
///
/// @param firstProducerId first id of the block
/// @param count ids in the block
public record ProducerIdsAllocated(long firstProducerId, int count) implements MetadataRecord {

    /// Refuses an empty block and ids below 0.
    public ProducerIdsAllocated {
        Checks.atLeast(0, firstProducerId, "firstProducerId");
        Checks.atLeast(1, count, "count");
        Math.addExact(firstProducerId, count);
    }

    /// Exclusive end of the block.
    public long nextProducerId() {
        return firstProducerId + count;
    }
}
