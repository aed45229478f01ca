// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.recovery;

import dev.weir.log.LogException;
import dev.weir.log.RecoveryMode;
import dev.weir.log.RecoveryReport.Finding;
import dev.weir.log.checkpoint.CheckpointFile;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.recovery.SegmentRecovery.Action;
import dev.weir.log.recovery.SegmentRecovery.Facts;
import dev.weir.log.recovery.SegmentRecovery.Gap;
import dev.weir.log.recovery.SegmentRecovery.Row;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.segment.Sidecar;
import dev.weir.log.segment.SidecarContent;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Makes a partition's directory into a log again: scans, decides by [SegmentRecovery], acts.
///
/// Everything is judged before anything is changed. Then it acts in truncation's order: segments
/// that go are renamed away highest first, each durably, and only then is the cut recorded. What is
/// kept is synced, and where a sync proves nothing copied, before this returns. A crash at any
/// point leaves a directory from which the same comes out.
///
/// **Threading:** one thread, before the log exists.
public final class LogRecovery {

    private final PartitionFiles files;
    private final Disk disk;
    private final Request request;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Judged> judged = new ArrayList<>();
    private final List<Long> above = new ArrayList<>();
    private LeaderEpochHistory stored = LeaderEpochHistory.empty();
    private LeaderEpochHistory epochs = LeaderEpochHistory.empty();
    private long logStartOffset;
    private long scannedBytes;

    /// What is asked for.
    ///
    /// @param recoveryPoint offset below which everything had been durable
    /// @param mode what to do about damage below it
    /// @param indexIntervalBytes between entries of a new index
    public record Request(long recoveryPoint, RecoveryMode mode, int indexIntervalBytes) {}

    /// What came out.
    ///
    /// @param segments lowest first, sealed, durable
    /// @param logStartOffset first offset
    /// @param logEndOffset exclusive
    /// @param epochs history of what was kept
    /// @param scannedBytes read and checked
    /// @param findings what was not as a clean close leaves it
    public record Outcome(
            List<Segment> segments,
            long logStartOffset,
            long logEndOffset,
            LeaderEpochHistory epochs,
            long scannedBytes,
            List<Finding> findings) {}

    private record Judged(long baseOffset, SegmentScan.Result scan, Row row, Action action) {}

    private LogRecovery(PartitionFiles files, Request request) {
        this.files = files;
        this.disk = files.context().disk();
        this.request = request;
    }

    /// Recovers. Waits for the disk.
    ///
    /// @throws LogException.CorruptLogException if durable bytes are damaged and the mode is to
    ///   keep all; nothing was changed
    public static Outcome recover(PartitionFiles files, Request request) {
        return new LogRecovery(files, request).run();
    }

    private Outcome run() {
        if (!files.exists()) {
            refuseIfDurable(0);
            return new Outcome(List.of(), 0, 0, epochs, 0, findings);
        }
        var bases = baseOffsets();
        judge(bases);
        removeLeftovers(bases);
        var segments = new ArrayList<Segment>();
        try {
            act(segments);
            var end = segments.isEmpty() ? logStartOffset : segments.getLast().endOffset();
            finishEpochs(end);
            files.deleteProducersAbove(end);
            files.syncEntries(true);
            return new Outcome(segments, logStartOffset, end, epochs, scannedBytes, findings);
        } catch (RuntimeException | Error e) {
            // It is tried again; what is left open would make the next try fail for want of files.
            segments.forEach(segment -> segment.leave(Optional.empty()));
            throw e;
        }
    }

    private List<Long> baseOffsets() {
        return disk.list(files.directory()).stream()
                .map(path -> SegmentFileName.offsetIn(nameOf(path), SegmentFileName.LOG))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .sorted()
                .toList();
    }

    private static String nameOf(Path path) {
        return path.getFileName().toString();
    }

    private void judge(List<Long> bases) {
        var readEpochs = files.readEpochs();
        stored = readEpochs.orElse(LeaderEpochHistory.empty());
        epochs = stored;
        logStartOffset = files.readLogStart().orElse(0);
        var expected = logStartOffset;
        var endProved = true;
        for (var i = 0; i < bases.size(); i++) {
            var base = bases.get(i);
            var next = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
            var scan = scan(base, next, readEpochs.isEmpty());
            scannedBytes += scan.scannedBytes();
            // A gap below the recovery point, above an end that no sidecar proves, may be what the
            // leader's own log looked like.
            var gap = base > expected && (endProved || base > request.recoveryPoint());
            var facts =
                    new Facts(
                            gap ? Gap.UNEXPLAINED : Gap.NONE,
                            scan.sidecar(),
                            scan.content(),
                            gap ? expected < request.recoveryPoint() : scan.durable(),
                            scan.isEmpty());
            var row = SegmentRecovery.decide(facts);
            if (row != Row.WHOLE_ENDED) {
                found(
                        base,
                        row.name(),
                        scan.end() + " of " + scan.fileBytes() + " bytes; " + scan.detail());
            }
            var action =
                    row.action() == Action.REFUSE ? refused(base, row, scan, gap) : row.action();
            judged.add(new Judged(base, scan, row, action));
            if (scan.wasRead()) {
                epochs = withStoredTail(scan.epochs(), scan.end().offset());
            }
            if (action == Action.CUT || action == Action.DROP) {
                above.addAll(bases.subList(i + 1, bases.size()));
                above.forEach(gone -> found(gone, "ABOVE_A_CUT", "goes with what lies below"));
                return;
            }
            expected = scan.end().offset();
            endProved = scan.usable().isPresent() && scan.usable().get().end() != null;
        }
        refuseIfDurable(expected);
    }

    private SegmentScan.Result scan(long base, long next, boolean everything) {
        return SegmentScan.scan(
                disk,
                new SegmentScan.Request(
                        files.log(base),
                        files.sidecar(base),
                        files.identity(base),
                        next,
                        request.recoveryPoint(),
                        epochs,
                        everything,
                        request.indexIntervalBytes()));
    }

    private Action refused(long base, Row row, SegmentScan.Result scan, boolean gap) {
        if (request.mode() == RecoveryMode.KEEP_ALL) {
            throw new LogException.CorruptLogException(
                    files.log(base),
                    scan.end().position(),
                    "what had been durable up to offset " + request.recoveryPoint(),
                    row + ": " + scan.detail());
        }
        return gap || row == Row.FOREIGN_SIDECAR || scan.isEmpty() ? Action.DROP : Action.CUT;
    }

    /// The end may not fall below what had been durable.
    private void refuseIfDurable(long end) {
        if (end >= request.recoveryPoint()) {
            return;
        }
        if (request.mode() == RecoveryMode.KEEP_ALL) {
            throw new LogException.CorruptLogException(
                    files.directory(),
                    0,
                    "batches up to offset " + request.recoveryPoint(),
                    "batches up to offset " + end);
        }
        findings.add(new Finding("", "DURABLE_TAIL_MISSING", "ends at " + end));
    }

    private LeaderEpochHistory withStoredTail(LeaderEpochHistory read, long end) {
        var all = read;
        for (var entry : stored.entries()) {
            if (entry.startOffset() >= end && entry.leaderEpoch() > all.latestEpoch().orElse(-1)) {
                all = all.assign(entry.leaderEpoch(), entry.startOffset());
            }
        }
        return all;
    }

    private void removeLeftovers(List<Long> bases) {
        var leftovers =
                disk.list(files.directory()).stream()
                        .filter(path -> isLeftover(nameOf(path), bases))
                        .toList();
        if (leftovers.isEmpty()) {
            return;
        }
        // What made a sidecar an orphan may be a renaming that is not durable yet. Were only the
        // sidecar's removal to survive, its batches would be back without the cut in it.
        files.syncEntries(false);
        for (var path : leftovers) {
            findings.add(new Finding(nameOf(path), "LEFTOVER_REMOVED", ""));
            disk.delete(path);
        }
    }

    private static boolean isLeftover(String name, List<Long> bases) {
        var sidecar = SegmentFileName.offsetIn(name, SegmentFileName.SIDECAR);
        return (sidecar.isPresent() && !bases.contains(sidecar.getAsLong()))
                || name.endsWith(SegmentFileName.GONE)
                || name.endsWith(SegmentFileName.PREPARED)
                || name.endsWith(CheckpointFile.TMP_SUFFIX);
    }

    private void act(List<Segment> segments) {
        above.reversed().forEach(this::drop);
        if (!judged.isEmpty() && judged.getLast().action() == Action.DROP) {
            drop(judged.removeLast().baseOffset());
        }
        for (var segment : judged) {
            segments.addAll(keep(segment));
        }
    }

    private void drop(long baseOffset) {
        disk.delete(files.renameAway(baseOffset));
    }

    private List<Segment> keep(Judged segment) {
        var scan = segment.scan();
        var isAbove = scan.end().offset() > request.recoveryPoint();
        if (isAbove && request.mode() == RecoveryMode.KEEP_VALID_PREFIX) {
            found(segment.baseOffset(), "UNPROVEN_COPIED", "to " + scan.end());
            return new FreshTail(files, request).copy(segment.baseOffset(), scan);
        }
        // The last one too when it ends below: a cut that was under way may have lowered the point
        // before it made its own record durable.
        var isLast = segment.baseOffset() == judged.getLast().baseOffset();
        var isProved = !isLast && !isAbove;
        var path = files.log(segment.baseOffset());
        var sidecar = sidecarOf(segment, isProved || request.mode() == RecoveryMode.KEEP_ALL);
        try {
            var file = disk.open(path);
            try {
                if (!isProved) {
                    prove(segment, file, sidecar);
                }
                return List.of(
                        Segment.recovered(
                                files.context(),
                                new Segment.SegmentFiles(path, file, sidecar),
                                scan.index(),
                                scan.end()));
            } catch (RuntimeException | Error e) {
                file.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            sidecar.close();
            throw e;
        }
    }

    private static void prove(Judged segment, DiskFile file, Sidecar sidecar) {
        var scan = segment.scan();
        if (segment.action() == Action.SEAL && scan.detail().equals(SegmentScan.ZEROS)) {
            file.trimTo(scan.end().position());
        }
        file.flush();
        sidecar.flush();
    }

    /// @param isSynced whether a flush makes durable what the present one holds
    private Sidecar sidecarOf(Judged segment, boolean isSynced) {
        var scan = segment.scan();
        var path = files.sidecar(segment.baseOffset());
        // One that names a later end is of a segment whose tail has a file of its own by now: were
        // that one cut away, the old tail would be back.
        var usable =
                scan.usable()
                        .filter(SidecarContent::isWhole)
                        .filter(content -> scan.end().equals(content.end()));
        if (segment.action() == Action.KEEP && isSynced && usable.isPresent()) {
            return Sidecar.of(disk, path, usable.get());
        }
        var entries = scan.index().view().stored();
        // A new life: what an older sidecar of this name says is about bytes that may be gone.
        return Sidecar.replace(
                disk, path, files.identity(segment.baseOffset()), entries, scan.end());
    }

    private void finishEpochs(long end) {
        epochs = epochs.truncateFromEnd(end);
        if (!epochs.equals(stored)) {
            files.writeEpochs(epochs);
        }
    }

    private void found(long base, String rule, String detail) {
        findings.add(new Finding(SegmentFileName.of(base, SegmentFileName.LOG), rule, detail));
    }
}
