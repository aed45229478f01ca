// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

/// One segment's part of a flush: what it covers, captured on the log's turn.
///
/// @param segment held by a reference until [#release]
/// @param end where its batches ended
/// @param entries its index
/// @param sealed whether it was sealed
/// @param unflushedBytes of batches that were not durable
/// @param sidecarDirty whether the sidecar was not
/// @param entryDirty whether its directory entries were not
public record FlushPart(
        Segment segment,
        SegmentIndex.Entry end,
        SegmentIndex.View entries,
        boolean sealed,
        int unflushedBytes,
        boolean sidecarDirty,
        boolean entryDirty) {

    // Entries are written many at a time: they only save work after a crash.
    private static final int ENTRIES_AT_ONCE = 32;

    /// Waits for the disk.
    public void run() {
        if (unflushedBytes > 0 || entryDirty) {
            segment.file().flush();
        }
        var sidecar = segment.sidecar();
        if (sealed && sidecarDirty) {
            sidecar.writeEntries(entries);
            sidecar.seal(end);
        } else if (sidecar.pendingEntries(entries) >= ENTRIES_AT_ONCE) {
            sidecar.writeEntries(entries);
        }
        if (sidecarDirty) {
            sidecar.flush();
            if (sealed) {
                sidecar.close(); // It is opened again if the segment is cut.
            }
        }
    }

    /// Ends the hold on the segment.
    public void release() {
        segment.release();
    }
}
