// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.SMALL;
import static dev.weir.log.LogFixture.batch;
import static dev.weir.log.LogFixture.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.disk.Disk;
import dev.weir.log.disk.RealDisk;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerBatch;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.producer.SequenceCheck;
import dev.weir.log.sim.SimulatedDisk;
import dev.weir.record.RecordBatch;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;

@ParameterizedClass
@ValueSource(booleans = {false, true})
class PartitionLogTest {

    @Parameter boolean real;

    @TempDir Path temporary;

    private LogFixture fixture;
    private LogDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void openLog() {
        Disk disk = real ? new RealDisk() : new SimulatedDisk();
        fixture = LogFixture.formatted(disk, temporary.resolve("data"));
        directory = fixture.open();
        log = LogFixture.log(directory);
    }

    private ReadResult.Batches read(long offset, int maxBytes, long limit) {
        return (ReadResult.Batches) log.read(offset, maxBytes, limit, true);
    }

    private void appendOne(String text) {
        log.append(batch(text, 1), 0, 0);
    }

    @Test
    void makesNoFileBeforeTheFirstAppend() {
        assertThat(fixture.disk().exists(fixture.partitionPath())).isFalse();
        assertThat(directory.partitions()).isEmpty();
        assertThat(directory.preparedBytes()).isZero();
        assertThat(log.beginFlush()).isEmpty();

        appendOne("first");

        assertThat(directory.partitions()).containsExactly(LogFixture.PARTITION);
    }

    @Test
    void stampsOffsetsAndEpochAndStoresTheRestAsItCame() {
        appendOne("first");
        var bytes = batch("second", 3);
        var sent = LogFixture.copy(bytes);

        var result = log.append(bytes, 4, 0);

        assertThat(result).isEqualTo(new AppendResult(1, 4, sent.remaining(), false));
        var stored = LogFixture.batches(log, 1, 10_000).getFirst();
        assertThat(RecordBatch.at(stored, 0).baseOffset()).isEqualTo(1);
        assertThat(RecordBatch.at(stored, 0).leaderEpoch()).isEqualTo(4);
        RecordBatch.stamp(sent, 0, 1, 4);
        assertThat(stored).isEqualTo(sent);
        assertThat(bytes.position()).isZero();
    }

    @Test
    void appendsSeveralBatchesWithOneResult() {
        var result = log.append(List.of(batch("a", 2), batch("b", 1), batch("c", 3)), 0, 0);

        assertThat(result.baseOffset()).isZero();
        assertThat(result.endOffset()).isEqualTo(6);
        assertThat(LogFixture.batches(log, 0, 10_000))
                .extracting(bytes -> RecordBatch.at(bytes, 0).baseOffset())
                .containsExactly(0L, 2L, 3L);
    }

    @Test
    void takesReplicatedBatchesWithGapsButNotBackwards() {
        var first = batch("a", 2);
        RecordBatch.stamp(first, 0, 5, 1);
        var second = batch("b", 1);
        RecordBatch.stamp(second, 0, 9, 2);
        var both = ByteBuffer.allocate(first.remaining() + second.remaining());
        both.put(first.duplicate()).put(second.duplicate()).flip();

        var result = log.appendReplicated(both, 0);

        assertThat(result.baseOffset()).isEqualTo(5);
        assertThat(log.logEndOffset()).isEqualTo(10);
        assertThat(log.epochs().entries())
                .containsExactly(
                        new LeaderEpochHistory.Entry(1, 5), new LeaderEpochHistory.Entry(2, 9));
        // An offset in the gap is answered with what follows it.
        assertThat(read(7, 1000, 10).slice().baseOffset()).isEqualTo(9);
        assertThatThrownBy(() -> log.appendReplicated(both, 0))
                .isInstanceOf(IllegalArgumentException.class);
        RecordBatch.stamp(first, 0, 10, 1);
        assertThatThrownBy(() -> log.appendReplicated(first, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(log.logEndOffset()).isEqualTo(10);
    }

    @Test
    void refusesAnEpochThatFalls() {
        log.append(batch("a", 1), 3, 0);

        assertThatThrownBy(() -> log.append(batch("b", 1), 2, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(log.logEndOffset()).isEqualTo(1);
    }

    @Test
    void rollsBeforeASegmentWouldGrowPastItsSize() {
        while (log.segments().size() < 3) {
            appendOne("some text");
        }
        assertThat(log.segments()).allMatch(segment -> segment.sizeBytes() <= SMALL.segmentBytes());
        assertThat(log.segments())
                .extracting(SegmentInfo::sealed)
                .containsExactly(true, true, false);
        assertThat(log.segments().get(1).baseOffset()).isEqualTo(log.segments().get(0).endOffset());
    }

    @Test
    void putsABatchLargerThanASegmentIntoOneOfItsOwn() {
        appendOne("small");
        log.append(batch("x".repeat(5_000), 1), 0, 0);
        appendOne("small");

        assertThat(log.segments()).hasSize(3);
        assertThat(LogFixture.batches(log, 0, 100)).hasSize(3);
    }

    @Test
    void rollsWhenTheSegmentIsOldEnough() {
        log.append(batch("a", 1), 0, 5_000);
        log.append(batch("b", 1), 0, 5_000 + SMALL.segmentMs() - 1);
        assertThat(log.segments()).hasSize(1);

        var result = log.append(batch("c", 1), 0, 5_000 + SMALL.segmentMs());

        assertThat(result.rolled()).isTrue();
        assertThat(log.segments()).hasSize(2);
    }

    @Test
    void takesNewSettingsFromTheNextAppendOn() {
        appendOne("a");
        log.configure(new LogConfig(100, 1_000, 100));

        assertThat(log.append(batch("b", 1), 0, 0).rolled()).isTrue();
    }

    @Test
    void provesOnlyWhatWasAppendedBeforeTheFlushBegan() {
        appendOne("a");
        var ticket = log.beginFlush().orElseThrow();
        appendOne("b");
        ticket.run();
        assertThat(log.durableEndOffset()).isZero();

        assertThat(log.complete(ticket)).isEqualTo(new FlushResult.Durable(1));

        assertThat(log.durableEndOffset()).isEqualTo(1);
        assertThat(log.unflushedBytes()).isEqualTo(batch("b", 1).remaining());
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(2));
        assertThat(log.beginFlush()).isEmpty();
    }

    @Test
    void hasOneFlushAtATime() {
        appendOne("a");
        var ticket = log.beginFlush().orElseThrow();
        appendOne("b");

        assertThat(log.beginFlush()).isEmpty();
        assertThatThrownBy(() -> log.complete(ticket)).isInstanceOf(IllegalStateException.class);
        ticket.run();
        assertThat(log.complete(ticket)).isInstanceOf(FlushResult.Durable.class);
        assertThatThrownBy(() -> log.complete(ticket)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void flushesAllSegmentsThatRolledSince() {
        while (log.segments().size() < 4) {
            appendOne("some text");
        }

        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(log.logEndOffset()));
        assertThat(log.unflushedBytes()).isZero();
    }

    @Test
    void aFlushBegunBeforeATruncationProvesNothingAfterIt() {
        appendOne("a");
        appendOne("b");
        var ticket = log.beginFlush().orElseThrow();
        log.truncateTo(1);
        appendOne("other b");
        ticket.run();

        assertThat(log.complete(ticket)).isEqualTo(new FlushResult.Superseded());
        assertThat(log.durableEndOffset()).isZero();
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(2));
    }

    @Test
    void aFlushBegunBeforeAResetProvesNothingAfterIt() {
        appendOne("a");
        var ticket = log.beginFlush().orElseThrow();
        log.resetTo(0, LeaderEpochHistory.empty(), new ProducerStates(10, 0));
        appendOne("b");
        ticket.run();

        assertThat(log.complete(ticket)).isEqualTo(new FlushResult.Superseded());
        assertThat(log.durableEndOffset()).isZero();
    }

    @Test
    void aLateFlushOfASegmentThatIsGoneHarmsNobody() {
        while (log.segments().size() < 2) {
            appendOne("some text");
        }
        appendOne("one to cut");
        var first = log.beginFlush().orElseThrow();
        log.truncateTo(log.logEndOffset() - 1);
        var second = log.beginFlush().orElseThrow();
        first.run();
        assertThat(log.complete(first)).isEqualTo(new FlushResult.Superseded());
        log.truncateTo(0);

        second.run();

        assertThat(log.complete(second)).isEqualTo(new FlushResult.Superseded());
        assertThat(log.failure()).isEmpty();
        appendOne("again");
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(1));
    }

    @Test
    void truncatesBySealingAndBeginsASegmentAtTheCut() {
        for (var i = 0; i < 8; i++) {
            appendOne("v" + i);
        }
        flush(log);

        assertThat(log.truncateTo(5)).isEqualTo(5);

        assertThat(log.logEndOffset()).isEqualTo(5);
        assertThat(log.durableEndOffset()).isEqualTo(5);
        assertThat(log.segments()).extracting(SegmentInfo::sealed).containsExactly(true);
        appendOne("new 5");
        assertThat(log.segments()).extracting(SegmentInfo::baseOffset).containsExactly(0L, 5L);
        assertThat(LogFixture.batches(log, 0, 60)).hasSize(6);
    }

    @Test
    void neverWritesAPositionTwice() {
        for (var i = 0; i < 8; i++) {
            appendOne("v" + i);
        }
        var held = ((ReadResult.Batches) log.read(0, 10_000, 8, true)).slice();
        var before = LogFixture.copy(held.buffer());
        log.truncateTo(2);
        for (var i = 0; i < 8; i++) {
            appendOne("other " + i);
        }

        assertThat(held.buffer()).isEqualTo(before);
        held.release();
    }

    @Test
    void renamesAwaySegmentsAtAndAboveTheCut() {
        while (log.segments().size() < 4) {
            appendOne("some text");
        }
        var cut = log.segments().get(2).baseOffset();

        assertThat(log.truncateTo(cut)).isEqualTo(cut);

        assertThat(log.segments()).hasSize(2);
        appendOne("again");
        assertThat(log.segments().getLast().baseOffset()).isEqualTo(cut);
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize((int) cut + 1);
    }

    @Test
    void truncatesToItsStart() {
        while (log.segments().size() < 3) {
            appendOne("some text");
        }

        assertThat(log.truncateTo(0)).isZero();

        assertThat(log.segments()).isEmpty();
        appendOne("again");
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize(1);
    }

    @Test
    void takesAWholeBatchAwayWhereTheCutIsInsideIt() {
        appendOne("a");
        log.append(batch("b", 5), 0, 0);

        assertThat(log.truncateTo(3)).isEqualTo(1);
    }

    @Test
    void truncatingAtOrAboveTheEndDoesNothing() {
        appendOne("a");
        var ticket = log.beginFlush().orElseThrow();

        assertThat(log.truncateTo(1)).isEqualTo(1);
        assertThat(log.truncateTo(9)).isEqualTo(1);

        ticket.run();
        assertThat(log.complete(ticket)).isEqualTo(new FlushResult.Durable(1));
    }

    @Test
    void truncationTakesEpochsAndProducersBack() {
        log.append(LogFixture.batchOf(9, 0, "a"), 1, 0);
        log.append(LogFixture.batchOf(9, 1, "b"), 2, 0);
        log.append(LogFixture.batchOf(10, 0, "c"), 2, 0);

        log.truncateTo(1);

        assertThat(log.epochs().entries()).containsExactly(new LeaderEpochHistory.Entry(1, 0));
        assertThat(log.checkSequence(9, (short) 0, 1, 1, 0))
                .isInstanceOf(SequenceCheck.InOrder.class);
        assertThat(log.checkSequence(10, (short) 0, 0, 1, 0))
                .isInstanceOf(SequenceCheck.InOrder.class);
    }

    @Test
    void resetsWithEpochsAndProducersAndRemembersThemDurably() {
        appendOne("a");
        flush(log);
        directory.checkpoint();
        var epochs = new LeaderEpochHistory(List.of(new LeaderEpochHistory.Entry(3, 20)));
        var states = new ProducerStates(10, 0);
        states.append(7, (short) 1, new ProducerBatch(0, 0, 99, 99, 1), 0);

        log.resetTo(100, epochs, states);

        assertThat(log.logStartOffset()).isEqualTo(100);
        assertThat(log.durableEndOffset()).isEqualTo(100);
        assertThat(log.read(0, 10, 100, true)).isEqualTo(new ReadResult.OutOfRange(100, 100));
        directory.close();
        directory = fixture.open();
        log = LogFixture.log(directory);
        assertThat(log.logStartOffset()).isEqualTo(100);
        assertThat(log.logEndOffset()).isEqualTo(100);
        assertThat(log.epochs()).isEqualTo(epochs);
        assertThat(log.checkSequence(7, (short) 1, 1, 1, 0))
                .isInstanceOf(SequenceCheck.InOrder.class);
        log.append(batch("b", 1), 4, 0);
        assertThat(LogFixture.batches(log, 100, 1_000)).hasSize(1);
    }

    @Test
    void readsTheFirstBatchEvenIfItIsLargerThanAskedFor() {
        appendOne("a");
        appendOne("b");

        var slice = read(0, 1, 2).slice();

        assertThat(slice.baseOffset()).isZero();
        assertThat(slice.nextOffset()).isEqualTo(1);
        assertThat(slice.sizeBytes()).isEqualTo(batch("a", 1).remaining());
        slice.release();
    }

    @Test
    void readsNothingAtOrAboveTheLimit() {
        for (var i = 0; i < 20; i++) {
            appendOne("v" + i);
        }
        log.append(batch("wide", 10), 0, 0);

        assertThat(read(0, 100_000, 7).slice().nextOffset()).isEqualTo(7);
        assertThat(read(7, 100_000, 7).slice().sizeBytes()).isZero();
        // A batch that reaches above the limit is not given in part.
        assertThat(read(20, 100_000, 25).slice().sizeBytes()).isZero();
        assertThat(read(22, 100_000, 30).slice().baseOffset()).isEqualTo(20);
    }

    @Test
    void saysWhatOffsetsThereAre() {
        appendOne("a");

        assertThat(log.read(-1, 10, 1, true)).isEqualTo(new ReadResult.OutOfRange(0, 1));
        assertThat(log.read(2, 10, 9, true)).isEqualTo(new ReadResult.OutOfRange(0, 1));
        assertThat(read(1, 10, 9).slice().sizeBytes()).isZero();
    }

    @Test
    void readsTheHotTailWithoutBlockingAndColdSegmentsOnlyWithLeave() {
        appendOne("a");
        appendOne("b");
        assertThat(log.read(1, 100, 2, false)).isInstanceOf(ReadResult.Batches.class);

        log.close();
        directory.close();
        directory = fixture.open();
        log = LogFixture.log(directory);

        assertThat(log.read(1, 100, 2, false)).isInstanceOf(ReadResult.Cold.class);
        assertThat(log.read(1, 100, 2, true)).isInstanceOf(ReadResult.Batches.class);
    }

    @Test
    void readsThroughTheChannelWhereThereIsNoBudgetForMappings() {
        log.close();
        directory.close();
        directory = fixture.open(new LogDirectoryConfig(0, 0, 0, 512, 512), Runnable::run);
        log = LogFixture.log(directory);
        for (var i = 0; i < 60; i++) {
            appendOne("v" + i);
        }

        assertThat(directory.maps()).isZero();
        assertThat(directory.preparedBytes()).isZero();
        assertThat(LogFixture.batches(log, 0, 333)).hasSize(60);
    }

    @Test
    void aSliceOutlivesTheSegmentItIsFrom() {
        appendOne("a");
        var slice = read(0, 100, 1).slice();
        var before = LogFixture.copy(slice.buffer());
        log.truncateTo(0);
        directory.delete(LogFixture.PARTITION);

        assertThat(slice.buffer()).isEqualTo(before);
        slice.release();
        assertThat(directory.maps()).isZero();
        assertThatThrownBy(slice::buffer).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(slice::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void findsTheFirstBatchAtOrAfterATime() {
        for (var i = 0; i < 60; i++) {
            log.append(batch("v" + i, 1, 1_000 + 10 * (i / 2)), i / 10, 0);
        }

        assertThat(log.offsetForTimestamp(0, 60)).contains(new TimestampedOffset(0, 1_000, 0));
        assertThat(log.offsetForTimestamp(1_101, 60)).contains(new TimestampedOffset(22, 1_110, 2));
        assertThat(log.offsetForTimestamp(1_110, 60)).contains(new TimestampedOffset(22, 1_110, 2));
        assertThat(log.offsetForTimestamp(1_290, 60)).contains(new TimestampedOffset(58, 1_290, 5));
        assertThat(log.offsetForTimestamp(1_291, 60)).isEmpty();
        assertThat(log.offsetForTimestamp(1_290, 58)).isEmpty();
    }

    @Test
    void comesBackFromACleanCloseWithoutReadingBatches() {
        for (var i = 0; i < 60; i++) {
            log.append(LogFixture.batchOf(9, i, "v" + i), i / 7, 0);
        }
        var before = LogFixture.batches(log, 0, 10_000);
        var epochs = log.epochs();
        log.close();
        directory.close();
        directory = fixture.open();
        log = LogFixture.log(directory);

        assertThat(log.recovery().scannedBytes()).isZero();
        assertThat(log.recovery().findings()).isEmpty();
        assertThat(log.durableEndOffset()).isEqualTo(60);
        assertThat(log.epochs()).isEqualTo(epochs);
        assertThat(LogFixture.batches(log, 0, 10_000)).isEqualTo(before);
        assertThat(log.checkSequence(9, (short) 0, 60, 1, 0))
                .isInstanceOf(SequenceCheck.InOrder.class);
    }

    @Test
    void trimsOnlySpaceThatWasNeverWritten() {
        while (log.segments().size() < 2) {
            appendOne("some text");
        }
        flush(log);
        var sealed = log.segments().getFirst();
        var head = log.segments().getLast();

        try (var file = fixture.disk().open(sealed.file())) {
            assertThat(file.sizeBytes()).isEqualTo(sealed.sizeBytes());
        }
        try (var file = fixture.disk().open(head.file())) {
            assertThat(file.sizeBytes()).isGreaterThan(head.sizeBytes());
        }
        log.truncateTo(sealed.baseOffset() + 1);
        try (var file = fixture.disk().open(sealed.file())) {
            assertThat(file.sizeBytes()).isEqualTo(sealed.sizeBytes());
        }
    }

    @Test
    void aCleanCloseLeavesNoSpaceThatWasNeverWritten() {
        var background = new ArrayDeque<Runnable>();
        log.close();
        directory.close();
        directory = fixture.open(LogFixture.BUDGETS, background::add);
        log = LogFixture.log(directory);
        appendOne("a");
        drain(background);
        appendOne("b");
        log.close();
        drain(background);

        var segment = log.segments().getFirst();
        try (var file = fixture.disk().open(segment.file())) {
            assertThat(file.sizeBytes()).isEqualTo(segment.sizeBytes());
        }
    }

    private static void drain(ArrayDeque<Runnable> tasks) {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void givesPreparedSpaceBack() {
        for (var i = 0; i < 60; i++) {
            appendOne("v" + i);
        }
        assertThat(directory.preparedBytes()).isPositive();

        log.close();

        assertThat(directory.preparedBytes()).isZero();
        assertThat(directory.maps()).isZero();
    }

    @Test
    void refusesEverythingAfterClose() {
        appendOne("a");
        log.close();

        assertThatThrownBy(() -> appendOne("b"))
                .isInstanceOf(LogException.LogClosedException.class);
        assertThatThrownBy(() -> log.read(0, 10, 1, true))
                .isInstanceOf(LogException.LogClosedException.class);
        assertThat(log.beginFlush()).isEmpty();
    }
}
