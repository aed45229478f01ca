// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// What of one segment is mapped, and the trimming that has to wait for mappings.
///
/// A head is mapped as far as it is allocated, and again after each step; a sealed segment as far
/// as its batches reach. Space that was never written is trimmed once the segment is sealed and no
/// mapping reaches there any more.
///
/// **Threading:** any thread. Mapping, trimming and leaving take turns, so that each sees what the
/// others did.
final class SegmentMapping {

    private final Segment segment;
    private final SegmentContext context;
    private final AtomicInteger regionsAboveEnd = new AtomicInteger();
    private volatile @Nullable MappedRegion region;
    private boolean left; // guarded by this

    SegmentMapping(Segment segment, SegmentContext context) {
        this.segment = segment;
        this.context = context;
    }

    /// The mapping, held for the caller; empty if there is none now.
    Optional<MappedRegion> retain() {
        for (var current = region; current != null; current = region) {
            if (current.tryRetain()) {
                return Optional.of(current);
            }
        }
        return Optional.empty();
    }

    /// Gives the mapping up; readers keep theirs.
    synchronized void drop() {
        replace(null);
    }

    /// The segment is no longer the log's: it is not mapped any more.
    void leave() {
        synchronized (this) {
            left = true;
            replace(null);
        }
        context.maps().forget(segment);
    }

    private void forgetIfLeft() {
        boolean gone;
        synchronized (this) {
            gone = left;
        }
        if (gone) {
            context.maps().forget(segment);
        }
    }

    private void replace(@Nullable MappedRegion next) {
        var before = region;
        region = next;
        if (before != null) {
            before.release();
        }
    }

    /// Maps what there is now. For the background.
    void refresh() {
        if (!segment.tryRetain()) {
            return;
        }
        try {
            var sealedBytes = map();
            // Not under this monitor: it may take another segment's mapping away.
            if (sealedBytes > 0) {
                context.maps().keepSealed(segment, sealedBytes);
                forgetIfLeft();
            }
        } catch (LogException _) {
            // Without a mapping it is read through the channel.
        } finally {
            segment.release();
        }
    }

    /// Maps and trims what there is now. For the background.
    void refreshAndTrim() {
        refresh();
        trim();
    }

    /// @return bytes mapped of a sealed segment; 0 if none were
    private synchronized int map() {
        if (left) {
            return 0;
        }
        var whole = segment.isSealed();
        var bytes =
                whole
                        ? segment.sizeBytes()
                        : (int) Math.min(Integer.MAX_VALUE, segment.file().sizeBytes());
        var current = region;
        if (current != null && current.sizeBytes() == bytes) {
            return 0;
        }
        var next =
                context.maps()
                        .tryMap(
                                segment.file(),
                                bytes,
                                () -> {
                                    if (!whole && regionsAboveEnd.decrementAndGet() == 0) {
                                        trim();
                                    }
                                });
        if (!whole && next.isPresent()) {
            regionsAboveEnd.incrementAndGet();
        }
        replace(next.orElse(null));
        return whole && next.isPresent() ? bytes : 0;
    }

    /// Trims what was never written, once no mapping reaches there. For the background.
    void trim() {
        if (segment.tryRetain()) {
            try {
                trimHeld();
            } finally {
                segment.release();
            }
        }
    }

    /// Trims; whoever calls keeps the file open meanwhile.
    synchronized void trimHeld() {
        if (!segment.isSealed() || regionsAboveEnd.get() > 0) {
            return;
        }
        try {
            if (segment.file().sizeBytes() > segment.writtenBytes()) {
                segment.file().trimTo(segment.writtenBytes());
            }
        } catch (LogException _) {
            // Zeros behind the end harm nobody.
        }
    }
}
