// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.QuorumException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class FileHistoryTest {

    private static final HistoryLimits GENEROUS = new HistoryLimits(3_600_000, 1L << 30);

    @TempDir private Path directory;

    private final AppliedBatches batches = new AppliedBatches();
    private long wallMs = 1_000_000;
    private FileHistory history;

    @AfterEach
    void closes() {
        if (history != null) {
            history.close();
        }
    }

    @Test
    void showsEveryOffsetFromTheEmptyImageToTheNewest() {
        open(GENEROUS);

        batches.more(50, this::append);

        assertShowsAll(0);
    }

    @Test
    void meansTheEarlierBatchBetweenTwo() {
        open(GENEROUS);
        batches.more(3, this::append);

        var at = history.imageAt(4);

        assertThat(at).isEqualTo(new ImageAt.Found(batches.imageAt(3)));
        assertThat(batches.imageAt(3).offset()).isEqualTo(3);
    }

    @Test
    void refusesWhatLiesAboveTheNewestImage() {
        open(GENEROUS);
        batches.more(3, this::append);

        assertThat(history.imageAt(6)).isEqualTo(new ImageAt.Unavailable(0, 5));
    }

    @Test
    void showsThePastAfterARestart() {
        open(GENEROUS);
        batches.more(20, this::append);

        reopen(GENEROUS);
        batches.more(20, this::append);

        assertShowsAll(0);
    }

    @Test
    void ignoresBatchesThatAreReplayed() throws IOException {
        open(GENEROUS);
        var all = new ArrayList<AppliedBatches.Applied>();
        batches.more(
                20,
                applied -> {
                    all.add(applied);
                    append(applied);
                });
        var bytes = bytesOnDisk();

        reopen(GENEROUS);
        all.forEach(this::append);

        assertThat(bytesOnDisk()).isEqualTo(bytes);
        assertShowsAll(0);
    }

    @Test
    void showsEveryOffsetAcrossChapters() throws IOException {
        var small = new HistoryLimits(3_600_000, 8 * 512);
        open(new HistoryLimits(3_600_000, 1L << 20));
        batches.more(2_000, this::append);
        reopen(small);
        batches.more(1, this::append);

        assertThat(chapterCount()).isBetween(1L, 8L);
        assertShowsAll(history.earliestOffset());
        assertThat(history.imageAt(history.earliestOffset() - 1))
                .isInstanceOf(ImageAt.Unavailable.class);
    }

    @Test
    void staysWithinItsBytesGiveOrTakeAChapter() throws IOException {
        open(new HistoryLimits(3_600_000, 16 * 1024));

        batches.more(3_000, this::append);

        assertThat(bytesOnDisk()).isLessThan(20 * 1024);
        assertThat(history.earliestOffset()).isPositive();
        assertShowsAll(history.earliestOffset());
    }

    @Test
    void dropsWhatIsOlderThanItsTimeAndNothingYounger() {
        open(new HistoryLimits(80_000, 1L << 30));
        for (var i = 0; i < 200; i++) {
            wallMs += 1_000;
            batches.more(1, this::append);
        }

        // 200 s passed, a batch a second at every second offset.
        var youngest = batches.image().offset() - 2 * 80;
        assertThat(history.imageAt(youngest)).isInstanceOf(ImageAt.Found.class);
        assertThat(history.earliestOffset()).isGreaterThan(youngest - 2 * 30);
        assertShowsAll(history.earliestOffset());
    }

    @Test
    void cutsWhatACrashToreOffWhereverItTore() throws IOException {
        open(GENEROUS);
        batches.more(10, this::append);
        history.close();
        var file = only(".deltas");
        var whole = Files.readAllBytes(file);

        for (var cut = 0; cut < whole.length; cut += 13) {
            Files.write(file, Arrays.copyOf(whole, cut));
            open(GENEROUS);
            assertShowsAll(0, history.latestOffset());
            history.close();
        }
    }

    @Test
    void fillsWhatACrashToreOffFromTheReplay() throws IOException {
        open(GENEROUS);
        var all = new ArrayList<AppliedBatches.Applied>();
        batches.more(
                10,
                applied -> {
                    all.add(applied);
                    append(applied);
                });
        history.close();
        var file = only(".deltas");
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(raw.length() - 30);
        }

        open(GENEROUS);
        all.forEach(this::append);

        assertShowsAll(0);
    }

    @Test
    void dropsEverythingWhenBatchesAreMissingBeforeAnInstalledImage() {
        open(GENEROUS);
        batches.more(5, this::append);
        batches.more(5, applied -> {});
        var installed = batches.image();

        history.resume(installed);
        batches.more(5, this::append);

        assertThat(history.earliestOffset()).isEqualTo(installed.offset());
        assertThat(history.imageAt(installed.offset() - 1)).isInstanceOf(ImageAt.Unavailable.class);
        assertShowsAll(installed.offset());
    }

    @Test
    void keepsEverythingWhenTheSnapshotIsOlderThanIt() {
        open(GENEROUS);
        batches.more(10, this::append);

        history.resume(batches.imageAt(5));

        assertShowsAll(0);
    }

    @Test
    void reportsADamagedChapterInsteadOfAnOlderImage() throws IOException {
        open(new HistoryLimits(80_000, 1L << 30));
        batches.more(20, this::append);
        wallMs += 20_000;
        batches.more(2, this::append);
        var first = directory.resolve("%020d.deltas".formatted(0));
        var bytes = Files.readAllBytes(first);
        bytes[bytes.length / 2] ^= 1;
        Files.write(first, bytes);

        assertThatThrownBy(() -> history.imageAt(35)).isInstanceOf(QuorumException.Corrupt.class);
        assertThat(history.imageAt(3)).isEqualTo(new ImageAt.Found(batches.imageAt(3)));
    }

    @Test
    void survivesAnyDamageToItsNewestFileWithoutInventingAnything() throws IOException {
        open(GENEROUS);
        batches.more(10, this::append);
        history.close();
        var file = only(".deltas");
        var whole = Files.readAllBytes(file);
        var random = new Random(42);

        for (var round = 0; round < 60; round++) {
            var damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            open(GENEROUS);
            assertShowsAll(0, history.latestOffset());
            history.close();
        }
    }

    private void open(HistoryLimits limits) {
        history = FileHistory.open(directory, limits, () -> wallMs);
    }

    private void reopen(HistoryLimits limits) {
        history.close();
        open(limits);
    }

    private void append(AppliedBatches.Applied applied) {
        history.append(applied.index(), applied.term(), applied.bytes(), applied.image());
    }

    private void assertShowsAll(long from) {
        assertThat(history.latestOffset()).isEqualTo(batches.image().offset());
        assertShowsAll(from, history.latestOffset());
    }

    private void assertShowsAll(long from, long to) {
        var step = Math.max(1, (to - from) / 40);
        for (var offset = from; offset <= to; offset += step) {
            assertThat(history.imageAt(offset))
                    .isEqualTo(new ImageAt.Found(batches.imageAt(offset)));
        }
        assertThat(history.imageAt(to)).isEqualTo(new ImageAt.Found(batches.imageAt(to)));
    }

    private Path only(String suffix) throws IOException {
        var found = files().stream().filter(file -> file.toString().endsWith(suffix)).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private long chapterCount() throws IOException {
        return files().stream().filter(file -> file.toString().endsWith(".image")).count();
    }

    private long bytesOnDisk() throws IOException {
        var bytes = 0L;
        for (var file : files()) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }
}
