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

    /// How far below the given directory partitions are looked for: more is a loop of links.
    private static final int DEPTH_MAX = 8;

    private final Disk disk;
    private final InspectionVisitor visitor;
    private long segments;
    private long batches;
    private long records;
    private long bytes;
    private long problems;

    private LogInspection(Disk disk, InspectionVisitor visitor) {
        this.disk = disk;
        this.visitor = visitor;
    }

    /// What was seen.
    ///
    /// @param segments whole or damaged
    /// @param batches valid ones that belong to a log
    /// @param records in these batches
    /// @param bytes size of these batches
    /// @param problems told to the visitor
    public record Summary(long segments, long batches, long records, long bytes, long problems) {}

    /// Inspects a segment's file, a partition's directory, a data directory, or a directory above
    /// data directories. What is no partition's by its name is passed over, such as a directory
    /// that is being deleted.
    ///
    /// @throws LogException.MissingFileException if nothing of this name is there
    /// @throws IllegalArgumentException if it is a file that is no segment
    public static Summary inspect(Disk disk, Path path, InspectionVisitor visitor) {
        var inspection = new LogInspection(disk, visitor);
        inspection.inspect(path);
        return new Summary(
                inspection.segments,
                inspection.batches,
                inspection.records,
                inspection.bytes,
                inspection.problems);
    }

    private void inspect(Path path) {
        if (!disk.exists(path)) {
            throw new LogException.MissingFileException(path);
        }
        if (!disk.isDirectory(path)) {
            var base = SegmentFileName.offsetIn(nameOf(path), SegmentFileName.LOG);
            if (base.isEmpty()) {
                throw new IllegalArgumentException("not a segment: " + path);
            }
            var directory = Optional.ofNullable(path.getParent()).orElse(Path.of(""));
            partition(directory, List.of(base.getAsLong()));
            return;
        }
        var bases = basesIn(path);
        if (bases.isEmpty()) {
            below(path, 1);
        } else {
            partition(path, bases);
        }
    }

    private void below(Path directory, int depth) {
        for (var entry : disk.list(directory)) {
            if (!disk.isDirectory(entry)) {
                continue;
            }
            if (PartitionId.ofDirectoryName(nameOf(entry)).isPresent()) {
                partition(entry, basesIn(entry));
            } else if (depth < DEPTH_MAX) {
                below(entry, depth + 1);
            }
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
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
                segments++;
                visitor.segment(file, baseOffset, state);
            }

            @Override
            public void batch(InspectedBatch header, RecordBatch batch) {
                batches++;
                records += header.recordCount();
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
