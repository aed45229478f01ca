// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.inspection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.LogConfig;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogDirectoryConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.sim.SimulatedDisk;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

class LogInspectionTest {

    private static final Path DATA = Path.of("/data");
    private static final PartitionId PARTITION = new PartitionId(new UUID(3, 4), 0);
    private static final Path DIRECTORY = DATA.resolve(PARTITION.directoryName());

    private final SimulatedDisk disk = new SimulatedDisk();
    private final Seen seen = new Seen();
    private PartitionLog log;

    private static final class Seen implements InspectionVisitor {
        final List<InspectedBatch> batches = new ArrayList<>();
        final List<String> segments = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        final List<String> problems = new ArrayList<>();

        @Override
        public void segment(Path file, long baseOffset, String state) {
            segments.add(baseOffset + " " + state);
        }

        @Override
        public void batch(InspectedBatch header, RecordBatch batch) {
            assertThat(batch.computeCrc()).isEqualTo(header.crc());
            batches.add(header);
        }

        @Override
        public void note(Path file, long position, String text) {
            notes.add(text);
        }

        @Override
        public void problem(Path file, long position, String text) {
            problems.add(position + " " + text);
        }
    }

    @BeforeEach
    void fill() {
        disk.createDirectories(DATA);
        new DirectoryIdentity(new UUID(5, 5), 1, new UUID(7, 7)).writeTo(disk, DATA);
        var directory = LogDirectory.open(disk, DATA, LogDirectoryConfig.DEFAULT, Runnable::run);
        log = PartitionLog.open(directory, PARTITION, new LogConfig(1_000, 1_000, 200), 0);
        for (var i = 0; i < 40; i++) {
            var builder = new RecordBatchBuilder(Compression.NONE, 10_000);
            assertThat(builder.tryAppend(5, (byte[]) null, new byte[] {(byte) i}, List.of()))
                    .isTrue();
            log.append(builder.build(), i / 10, 0);
        }
    }

    private LogInspection.Summary inspect(Path path) {
        return LogInspection.inspect(disk, path, seen);
    }

    private void flip(long position) {
        try (var file = disk.open(log.segments().getFirst().file())) {
            var one = ByteBuffer.allocate(1);
            file.read(position, one);
            file.write(position, ByteBuffer.wrap(new byte[] {(byte) ~one.get(0)}));
        }
    }

    @Test
    void showsEveryBatchOfARunningLogAndFindsNothingWrong() {
        var ticket = log.beginFlush().orElseThrow();
        ticket.run();
        log.complete(ticket);

        var summary = inspect(DATA);

        assertThat(seen.problems).isEmpty();
        assertThat(summary.problems()).isZero();
        assertThat(summary.batches()).isEqualTo(40);
        assertThat(summary.records()).isEqualTo(40);
        assertThat(summary.segments()).isEqualTo(log.segments().size());
        assertThat(summary.bytes()).isEqualTo(log.sizeBytes());
        assertThat(seen.batches).extracting(InspectedBatch::baseOffset).isSorted().hasSize(40);
        assertThat(seen.batches.getLast().leaderEpoch()).isEqualTo(3);
        assertThat(seen.segments.getFirst()).startsWith("0 ended at");
        assertThat(seen.segments.getLast()).endsWith("open");
        assertThat(seen.notes).anyMatch(note -> note.contains("not written yet"));
    }

    @Test
    void inspectsOnePartitionOrOneSegment() {
        assertThat(inspect(DIRECTORY).batches()).isEqualTo(40);
        var second = log.segments().get(1);
        assertThat(inspect(second.file()).batches())
                .isEqualTo(second.endOffset() - second.baseOffset());
    }

    @Test
    void findsPartitionsBelowADirectoryThatHoldsDataDirectories() {
        assertThat(inspect(Path.of("/")).batches()).isEqualTo(40);
        assertThat(seen.problems).isEmpty();
    }

    @Test
    void doesNotShowWhatWasCut() {
        log.truncateTo(5);

        assertThat(inspect(DIRECTORY).batches()).isEqualTo(5);
        assertThat(seen.problems).isEmpty();
        assertThat(seen.notes).anyMatch(note -> note.contains("bytes above the end"));
    }

    @Test
    void findsARottenBatch() {
        log.close();
        flip(100);

        assertThat(inspect(DIRECTORY).problems()).isPositive();
        assertThat(seen.problems.getFirst()).contains("crc");
    }

    @Test
    void findsARottenEpochThatNoBatchCrcCovers() {
        log.close();
        // The byte before the end of the first batch's leader epoch.
        flip(14);

        assertThat(inspect(DIRECTORY).problems()).isPositive();
    }

    @Test
    void findsMissingSegmentsAndSidecars() {
        log.close();
        disk.delete(log.segments().get(1).file());
        disk.delete(DIRECTORY.resolve("00000000000000000000.sidecar"));

        inspect(DIRECTORY);

        assertThat(seen.problems).anyMatch(problem -> problem.contains("no sidecar"));
        assertThat(seen.problems).anyMatch(problem -> problem.contains("the one below ends at"));
    }

    @Test
    void refusesWhatIsNoLog() {
        assertThatThrownBy(() -> inspect(DATA.resolve("nothing")))
                .isInstanceOf(LogException.MissingFileException.class);
        assertThatThrownBy(() -> inspect(DATA.resolve("meta.properties")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
