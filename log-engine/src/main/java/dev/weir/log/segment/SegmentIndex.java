// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.record.RecordBatch;

import java.util.Arrays;
import java.util.List;

/// The sparse index of one segment: an entry every few KiB, for offsets, times and checks.
///
/// **Threading:** one writer; readers take a [View].
public final class SegmentIndex {

    /// What is known at one position.
    ///
    /// @param offset base offset of the batch that begins at `position`; all before are below it
    /// @param position in the segment, in bytes
    /// @param maxTimestampMs largest timestamp of the batches before `position`; -1 for none
    /// @param chain [BatchChain] value of the batches before `position`
    public record Entry(long offset, int position, long maxTimestampMs, int chain) {}

    private static final long NO_TIMESTAMP = -1;

    private final int intervalBytes;
    private final BatchChain batchChain = new BatchChain();
    private volatile View view;
    private int chain;
    private long maxTimestampMs = NO_TIMESTAMP;

    /// @param baseOffset the segment's
    /// @param intervalBytes bytes of batches between two entries
    public SegmentIndex(long baseOffset, int intervalBytes) {
        this.intervalBytes = intervalBytes;
        this.view = View.beginning(baseOffset);
    }

    /// Takes a batch that lies at this position, behind all taken before.
    public void add(RecordBatch batch, int position) {
        var current = view;
        if (position - current.last().position() >= intervalBytes) {
            view = current.with(new Entry(batch.baseOffset(), position, maxTimestampMs, chain));
        }
        chain = batchChain.next(chain, batch);
        maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
    }

    /// Forgets what lies at and above a cut.
    public void truncateTo(Entry cut) {
        view = view.upTo(cut.position());
        chain = cut.chain();
        maxTimestampMs = cut.maxTimestampMs();
    }

    /// Takes an entry that was stored.
    public void restore(Entry entry) {
        if (entry.position() > view.last().position()) {
            view = view.with(entry);
        }
        chain = entry.chain();
        maxTimestampMs = entry.maxTimestampMs();
    }

    /// Takes the end that was stored.
    public void restoreEnd(Entry end) {
        chain = end.chain();
        maxTimestampMs = end.maxTimestampMs();
    }

    /// The end of what was added, as an entry.
    ///
    /// @param endOffset exclusive end of the batches
    /// @param endPosition their length in bytes
    public Entry end(long endOffset, int endPosition) {
        return new Entry(endOffset, endPosition, maxTimestampMs, chain);
    }

    /// Largest timestamp of all batches added; -1 for none.
    public long maxTimestampMs() {
        return maxTimestampMs;
    }

    /// The entries now. *Any thread.*
    public View view() {
        return view;
    }

    /// An immutable state of the index. Its first entry is the segment's beginning.
    public static final class View {

        // Shared between views: slots at and above count belong to later ones.
        private final Entry[] entries;
        private final int count;

        private View(Entry[] entries, int count) {
            this.entries = entries;
            this.count = count;
        }

        private static View beginning(long baseOffset) {
            return new View(new Entry[] {new Entry(baseOffset, 0, NO_TIMESTAMP, 0)}, 1);
        }

        private View with(Entry entry) {
            var grown =
                    count == entries.length
                            ? Arrays.copyOf(entries, Math.max(8, count * 2))
                            : entries;
            grown[count] = entry;
            return new View(grown, count + 1);
        }

        private View upTo(int position) {
            var kept = count;
            while (kept > 1 && entries[kept - 1].position() > position) {
                kept--;
            }
            return new View(Arrays.copyOf(entries, kept), kept);
        }

        /// Number of entries, the beginning included.
        public int count() {
            return count;
        }

        /// One entry, from 0.
        public Entry get(int i) {
            if (i >= count) {
                throw new IndexOutOfBoundsException(i + " of " + count);
            }
            return entries[i];
        }

        /// All entries but the beginning, which is in a sidecar's header.
        public List<Entry> stored() {
            return Arrays.asList(entries).subList(1, count);
        }

        /// The entry with the largest position.
        public Entry last() {
            return entries[count - 1];
        }

        /// The last entry whose offset is at or below this one; the beginning if there is none.
        public Entry floorOffset(long offset) {
            var low = 0;
            var high = count - 1;
            while (low < high) {
                var middle = (low + high + 1) >>> 1;
                if (entries[middle].offset() <= offset) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return entries[low];
        }

        /// The last entry at or below both an offset and a position; the beginning if there is
        /// none.
        public Entry floor(long offset, long position) {
            var low = 0;
            var high = count - 1;
            while (low < high) {
                var middle = (low + high + 1) >>> 1;
                var entry = entries[middle];
                if (entry.offset() <= offset && entry.position() <= position) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return entries[low];
        }

        /// The last entry before which all timestamps are below this one.
        public Entry floorTimestamp(long timestampMs) {
            var low = 0;
            var high = count - 1;
            while (low < high) {
                var middle = (low + high + 1) >>> 1;
                if (entries[middle].maxTimestampMs() < timestampMs) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return entries[low];
        }
    }
}
