// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.disk.MappedBytes;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// The first bytes of a segment's file as memory, for as long as somebody holds it.
///
/// The only place that slices a mapping. What lies behind the segment's published end must not be
/// touched: it may be trimmed away. No CRC or other intrinsic may run over it, because a fault in
/// one ends the process.
///
/// **Threading:** any thread that holds a reference.
public final class MappedRegion {

    private final MappedBytes bytes;
    private final ByteBuffer view;
    private final MapBudget budget;
    private final Runnable onUnmapped;
    private final AtomicInteger references = new AtomicInteger(1);

    MappedRegion(MappedBytes bytes, MapBudget budget, Runnable onUnmapped) {
        this.bytes = bytes;
        this.view = bytes.slice(0, Math.toIntExact(bytes.sizeBytes()));
        this.budget = budget;
        this.onUnmapped = onUnmapped;
    }

    /// Length in bytes.
    public int sizeBytes() {
        return view.limit();
    }

    /// The whole region, for absolute reads only: shared by all readers.
    ByteBuffer view() {
        return view;
    }

    /// A buffer of its own over a part.
    ///
    /// @param position in bytes
    /// @param length in bytes
    ByteBuffer slice(int position, int length) {
        return view.slice(position, length).asReadOnlyBuffer();
    }

    /// Adds a holder, unless the last one has gone.
    boolean tryRetain() {
        for (var count = references.get(); count > 0; count = references.get()) {
            if (references.compareAndSet(count, count + 1)) {
                return true;
            }
        }
        return false;
    }

    /// Takes one holder away. After the last one the janitor unmaps.
    ///
    /// @throws IllegalStateException if there is none
    void release() {
        var left = references.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("released more often than retained");
        }
        if (left == 0) {
            budget.unmap(this);
        }
    }

    /// Only for the janitor.
    void unmap() {
        bytes.close();
        onUnmapped.run();
    }
}
