// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import java.nio.ByteBuffer;

/// Whole batches of a log, as they are stored, held in memory until the last owner releases them.
///
/// The bytes below a high watermark never change. The buffers it hands out must not be used after
/// the release that ends the slice: behind them may be a mapping that is gone by then.
///
/// **Threading:** any thread; [#retain] only by who holds the slice.
public interface LogSlice {

    /// The batches, big-endian, read-only. Each call gives a new buffer over the same bytes; direct
    /// on a real disk.
    ByteBuffer buffer();

    /// Size of the batches in bytes; may be 0.
    int sizeBytes();

    /// Base offset of the first batch: at or below the offset that was asked for. The offset asked
    /// for if there is no batch.
    long baseOffset();

    /// Offset after the last record: where to read on. The offset asked for if there is no batch.
    long nextOffset();

    /// Adds an owner.
    void retain();

    /// Takes one owner away; the last one frees the memory.
    ///
    /// @throws IllegalStateException if all owners had released
    void release();
}
