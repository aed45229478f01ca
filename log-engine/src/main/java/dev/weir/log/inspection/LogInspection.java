// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.inspection;

import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.disk.Disk;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.record.RecordBatch;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Walks stored segments and checks all that can be checked of them: batch CRCs, offsets, epochs,
/// the sidecar's identity, entries and end, and that segments follow one another.
///
/// **Threading:** one thread; waits for the disk.
public final class LogInspection {

    private final Disk disk;
    private final InspectionVisitor visitor;
    private long batches;
    private long bytes;
    private long problems;

    private LogInspection(Disk disk, InspectionVisitor visitor) {
        this.disk = disk;
        this.visitor = visitor;
    }

    /// What was seen.
    ///
    /// @param batches valid ones that belong to a log
    /// @param bytes their size
    /// @param problems told to the visitor
    public record Summary(long batches, long bytes, long problems) {}

    /// Inspects a segment's file, a partition's directory, or a data directory.
    ///
    /// @throws LogException.MissingFileException if nothing of this name is there
    /// @throws IllegalArgumentException if it is none of the three
    public static Summary inspect(Disk disk, Path path, InspectionVisitor visitor) {
        var inspection = new LogInspection(disk, visitor);
        inspection.inspect(path);
        return new Summary(inspection.batches, inspection.bytes, inspection.problems);
    }

    private void inspect(Path path) {
        if (!disk.exists(path)) {
            throw new LogException.MissingFileException(path);
        }
        var directory = Optional.ofNullable(path.getParent()).orElse(path);
        if (!disk.isDirectory(path)) {
            var base = SegmentFileName.offsetIn(nameOf(path), SegmentFileName.LOG);
            if (base.isEmpty()) {
                throw new IllegalArgumentException("not a segment: " + path);
            }
            partition(directory, List.of(base.getAsLong()));
            return;
        }
        var bases = basesIn(path);
        if (!bases.isEmpty()) {
            partition(path, bases);
            return;
        }
        for (var entry : disk.list(path)) {
            if (PartitionId.ofDirectoryName(nameOf(entry)).isPresent()) {
                partition(entry, basesIn(entry));
            }
        }
    }

    private static String nameOf(Path path) {
        return path.getFileName().toString();
    }

    private List<Long> basesIn(Path directory) {
        return disk.list(directory).stream()
                .map(path -> SegmentFileName.offsetIn(nameOf(path), SegmentFileName.LOG))
                .flatMap(base -> base.stream().boxed())
                .sorted()
                .toList();
    }

    private void partition(Path directory, List<Long> bases) {
        var below = SegmentInspection.End.none();
        for (var i = 0; i < bases.size(); i++) {
            var next = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
            below =
                    new SegmentInspection(disk, directory, bases.get(i), next, counting())
                            .run(below);
        }
    }

    private InspectionVisitor counting() {
        return new InspectionVisitor() {
            @Override
            public void segment(Path file, long baseOffset, String state) {
                visitor.segment(file, baseOffset, state);
            }

            @Override
            public void batch(InspectedBatch header, RecordBatch batch) {
                batches++;
                bytes += header.sizeBytes();
                visitor.batch(header, batch);
            }

            @Override
            public void note(Path file, long position, String text) {
                visitor.note(file, position, text);
            }

            @Override
            public void problem(Path file, long position, String text) {
                problems++;
                visitor.problem(file, position, text);
            }
        };
    }
}
