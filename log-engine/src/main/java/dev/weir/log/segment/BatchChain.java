// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.record.RecordBatch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The running CRC over a segment's batches: after each batch, CRC-32C over the value before it and
/// that batch's CRC, base offset and leader epoch. Two segments that agree on it at a position hold
/// the same batches below it, the fields outside the batch CRC included.
///
/// **Threading:** one thread.
public final class BatchChain {

    private static final int LINK_BYTES = 3 * Integer.BYTES + Long.BYTES;

    private final CRC32C crc = new CRC32C();
    private final ByteBuffer link = ByteBuffer.allocate(LINK_BYTES);

    /// The value after one more batch.
    ///
    /// @param before value after the batches before; 0 for none
    /// @return value after this batch too
    public int next(int before, RecordBatch batch) {
        link.clear();
        link.putInt(before).putInt(batch.crc()).putLong(batch.baseOffset());
        link.putInt(batch.leaderEpoch());
        crc.reset();
        crc.update(link.array(), 0, LINK_BYTES);
        return (int) crc.getValue();
    }
}
