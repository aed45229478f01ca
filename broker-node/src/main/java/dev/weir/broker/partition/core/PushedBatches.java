// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.nio.ByteBuffer;

/// Bytes of whole batches on their way from a leader to a follower.
///
/// **Ownership:** whoever consumes or drops them calls [#release] exactly once; the bytes are not
/// looked at afterwards.
public interface PushedBatches {

    /// No batches: an empty push.
    PushedBatches NONE =
            new PushedBatches() {
                private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

                @Override
                public ByteBuffer buffer() {
                    return EMPTY;
                }

                @Override
                public int sizeBytes() {
                    return 0;
                }

                @Override
                public void release() {
                    // There is nothing to give back.
                }
            };

    /// The bytes, between position and limit.
    ByteBuffer buffer();

    /// How many bytes.
    int sizeBytes();

    /// Gives the bytes back.
    void release();
}
