// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.NotLeader;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.log.LogException;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;
import dev.weir.record.RecordBatch;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

class LocalPartitionTest {

    private final PartitionFixture fixture = PartitionFixture.leading();

    @Test
    void whatIsAcknowledgedCanBeReadBack() {
        fixture.produce("a", Batches.of("one", "two"), Acks.ALL);
        assertThat(fixture.answers).isEmpty();
        assertThat(fixture.released).containsExactly("a");
        fixture.settle();

        assertThat(fixture.receipt("a").baseOffset()).isZero();
        assertThat(fixture.receipt("a").durability()).isEqualTo(Durability.FSYNC);
        assertThat(fixture.read(0)).containsExactly("one", "two");
        assertThat(fixture.read(1)).containsExactly("one", "two");
        assertThat(fixture.partition.status().highWatermark()).isEqualTo(2);
    }

    @Test
    void oneFlushCoversAllThatCameWhileTheLastOneRan() {
        fixture.produce("a", Batches.of("1"), Acks.ALL);
        for (var i = 0; i < 20; i++) {
            fixture.produce("b" + i, Batches.of("x"), Acks.ALL);
        }
        assertThat(fixture.flushes).hasSize(1);

        fixture.runFlush();
        assertThat(fixture.answers).containsOnlyKeys("a");
        assertThat(fixture.flushes).hasSize(1);
        fixture.runFlush();

        assertThat(fixture.answers).hasSize(21);
        assertThat(fixture.flushes).isEmpty();
    }

    @Test
    void batchesOfOneTurnAreWrittenTogether() {
        var writes = new ArrayList<DiskOperation>();
        fixture.produce("first", Batches.of("makes the segment"), Acks.LEADER);
        fixture.disk.observe(
                operation -> {
                    if (operation.kind() == DiskOperation.Kind.WRITE) {
                        writes.add(operation);
                    }
                });

        // An answer given in a turn leads to three produces: they share the next turn.
        fixture.partition.produce(
                Batches.command(Batches.of("x"), Acks.LEADER),
                _ -> {
                    fixture.produce("a", Batches.of("1"), Acks.LEADER);
                    fixture.produce("b", Batches.of("2"), Acks.LEADER);
                    fixture.produce("c", Batches.of("3"), Acks.LEADER);
                });
        fixture.runWorkers();

        assertThat(fixture.receipt("c").baseOffset()).isEqualTo(4);
        assertThat(writes).hasSize(2);
        fixture.settle();
        assertThat(fixture.read(1)).containsExactly("x", "1", "2", "3");
    }

    @Test
    void refusesABadBatchBeforeTheMailbox() {
        var batch = Batches.of("one");
        batch.put(batch.limit() - 1, (byte) (batch.get(batch.limit() - 1) ^ 1));

        fixture.produce("bad", batch, Acks.ALL);
        fixture.produce("large", Batches.ofBytes((1 << 20) - 200), Acks.LEADER);

        assertThat(fixture.answers.get("bad")).isInstanceOf(ProduceOutcome.CorruptBatch.class);
        assertThat(fixture.released).containsExactly("bad", "large");
        assertThat(fixture.answers.get("large")).isInstanceOf(ProduceOutcome.Accepted.class);
    }

    @Test
    void aParkedFetchIsGivenTheRecordThatItWaitedFor() {
        var parked = fixture.fetch(0, true);
        assertThat(parked).isEmpty();

        fixture.produce("a", Batches.of("one"), Acks.ALL);
        assertThat(parked).isEmpty();
        fixture.settle();

        assertThat(parked).hasSize(1);
        var data = (FetchOutcome.Data) parked.getFirst();
        assertThat(Batches.values(data.slice().buffer())).containsExactly("one");
        assertThat(data.highWatermark()).isEqualTo(1);
    }

    @Test
    void aWithdrawnFetchHearsNothing() {
        var outcomes = new ArrayList<FetchOutcome>();
        var pending =
                fixture.partition.fetch(
                        new FetchCommand(0, 100, OptionalInt.empty(), true), outcomes::add);

        assertThat(pending.cancel()).isTrue();
        assertThat(pending.cancel()).isFalse();
        fixture.produce("a", Batches.of("one"), Acks.ALL);
        fixture.settle();

        assertThat(outcomes).isEmpty();
    }

    @Test
    void refusesOffsetsThatNoRecordHas() {
        fixture.produce("a", Batches.of("one"), Acks.ALL);
        fixture.settle();

        assertThat(fixture.fetch(2, true).getFirst())
                .isEqualTo(new FetchOutcome.OffsetOutOfRange(2, 0, 1, 1));
        assertThat(fixture.fetch(-1, true).getFirst())
                .isEqualTo(new FetchOutcome.OffsetOutOfRange(-1, 0, 1, 1));
        assertThat(fixture.fetch(Long.MAX_VALUE, true).getFirst())
                .isInstanceOf(FetchOutcome.OffsetOutOfRange.class);
    }

    @Test
    void answersWhereAPositionIs() {
        fixture.produce("a", Batches.at(Batches.WALL_MS + 100, "1", "2", "3"), Acks.ALL);
        fixture.produce("b", Batches.at(Batches.WALL_MS + 200, "4"), Acks.ALL);
        fixture.settle();

        assertThat(list(new OffsetQuestion.Earliest())).isEqualTo(found(0, OptionalLong.empty()));
        assertThat(list(new OffsetQuestion.Latest())).isEqualTo(found(4, OptionalLong.empty()));
        var time = Batches.WALL_MS + 102;
        assertThat(list(new OffsetQuestion.AtTimestamp(time)))
                .isEqualTo(found(2, OptionalLong.of(time)));
        assertThat(list(new OffsetQuestion.AtTimestamp(time + 1)))
                .isEqualTo(found(3, OptionalLong.of(Batches.WALL_MS + 200)));
        assertThat(list(new OffsetQuestion.AtTimestamp(Batches.WALL_MS + 201)))
                .isEqualTo(found(4, OptionalLong.empty()));
    }

    @Test
    void aBatchThatUnfoldsTooFarIsFoundByItsStart() {
        var values = new String[100];
        Arrays.fill(values, "x".repeat(5_000));
        fixture.produce("a", Batches.of("first"), Acks.ALL);
        fixture.produce("b", Batches.compressedAt(Batches.WALL_MS + 100, values), Acks.ALL);
        fixture.settle();

        assertThat(list(new OffsetQuestion.AtTimestamp(Batches.WALL_MS + 150)))
                .isEqualTo(
                        new ListOffsetsOutcome.Found(
                                1, OptionalLong.of(Batches.WALL_MS + 199), 1, 0, 101));
    }

    private static ListOffsetsOutcome found(long offset, OptionalLong timestampMs) {
        return new ListOffsetsOutcome.Found(offset, timestampMs, 1, 0, 4);
    }

    private ListOffsetsOutcome list(OffsetQuestion question) {
        var outcomes = new ArrayList<ListOffsetsOutcome>();
        fixture.partition.listOffsets(question, OptionalInt.empty(), outcomes::add);
        return outcomes.getFirst();
    }

    @Test
    void aReaderThatKnowsANewerEpochIsRefused() {
        var outcomes = new ArrayList<Object>();

        fixture.partition.fetch(new FetchCommand(99, 100, OptionalInt.of(2), true), outcomes::add);
        fixture.partition.listOffsets(
                new OffsetQuestion.Latest(), OptionalInt.of(2), outcomes::add);

        var hint = new NotLeader(1, 1);
        assertThat(outcomes)
                .containsExactly(
                        new FetchOutcome.Refused(hint), new ListOffsetsOutcome.Refused(hint));
    }

    @Test
    void aFullDiskRefusesWritesAndKeepsReadsAndRecoversWhenSpaceReturns() {
        fixture.produce("a", Batches.of("kept"), Acks.ALL);
        fixture.settle();
        fixture.disk.limitTo(0);

        for (var i = 0; i < 8; i++) {
            fixture.produce("full" + i, Batches.ofBytes(10_000), Acks.ALL);
            fixture.settle();
        }

        assertThat(fixture.answers.values()).contains(new ProduceOutcome.LogDirFull());
        assertThat(fixture.read(0)).startsWith("kept");
        assertThat(fixture.failures).isEmpty();
        fixture.disk.limitTo(Long.MAX_VALUE);
        fixture.tick();
        fixture.settle();
        fixture.produce("after", Batches.of("again"), Acks.ALL);
        fixture.settle();
        assertThat(fixture.receipt("after").durability()).isEqualTo(Durability.FSYNC);
        assertThat(fixture.read(0)).endsWith("again");
    }

    @Test
    void whatAFullDiskLeftOfARefusedBatchIsNotTakenByTheNextProcess() {
        var fixture = PartitionFixture.leading();
        fixture.produce("a", Batches.of("1"), Acks.ALL);
        fixture.settle();
        var refused = Batches.of("2");
        RecordBatch.stamp(refused, 0, 1, 1);
        fixture.disk.inject(
                operation -> {
                    if (operation.kind() == DiskOperation.Kind.WRITE
                            && operation.path().toString().endsWith(".log")) {
                        throw new LogException.DiskFullException(operation.path(), 0, null);
                    }
                    return new Fault.None();
                });
        fixture.produce("b", refused.duplicate(), Acks.ALL);
        fixture.settle();

        assertThat(fixture.answers.get("b")).isInstanceOf(ProduceOutcome.LogDirFull.class);
        fixture.disk.inject(_ -> new Fault.None());
        var segment = fixture.partition.log().segments().getLast();
        try (var file = fixture.disk.open(segment.file())) {
            file.write(segment.sizeBytes(), refused);
        }
        var next = new PartitionFixture(fixture.disk.restarted());
        assertThat(next.partition.log().logEndOffset()).isEqualTo(1);
    }

    @Test
    void theFirstFailedFlushEndsAllAcknowledgementsAndNoReads() {
        fixture.produce("a", Batches.of("kept"), Acks.ALL);
        fixture.settle();
        fixture.disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.FLUSH
                                ? new Fault.IoError()
                                : new Fault.None());
        fixture.produce("lost", Batches.of("lost"), Acks.ALL);
        fixture.settle();
        fixture.disk.inject(_ -> new Fault.None());

        fixture.produce("later", Batches.of("later"), Acks.LEADER);
        fixture.settle();

        assertThat(fixture.answers.get("lost")).isInstanceOf(ProduceOutcome.LogDirOffline.class);
        assertThat(fixture.answers.get("later")).isInstanceOf(ProduceOutcome.LogDirOffline.class);
        assertThat(fixture.failures).isNotEmpty();
        assertThat(fixture.partition.status().offlineReason()).isPresent();
        var data = (FetchOutcome.Data) fixture.fetch(0, false).getFirst();
        assertThat(Batches.values(data.slice().buffer())).containsExactly("kept");
        assertThat(fixture.fetch(1, true).getFirst())
                .isInstanceOf(FetchOutcome.LogDirOffline.class);
    }

    @Test
    void aReplicatedTopicIsFlushedByTheTickAndNotBefore() {
        var lazy = PartitionFixture.leading(new SimulatedDisk(), 1, Durability.REPLICATED);

        lazy.produce("a", Batches.of("one"), Acks.ALL);

        assertThat(lazy.receipt("a").durability()).isEqualTo(Durability.REPLICATED);
        assertThat(lazy.flushes).isEmpty();
        lazy.tick();
        assertThat(lazy.flushes).hasSize(1);
        lazy.settle();
        assertThat(lazy.partition.status().durableEndOffset()).isEqualTo(1);
    }

    @Test
    void drainsThenClosesAndTouchesTheLogNoMore() {
        fixture.produce("a", Batches.of("one"), Acks.ALL);

        var drained = fixture.partition.drain();
        fixture.runWorkers();
        assertThat(drained).isNotDone();
        fixture.settle();
        assertThat(drained).isDone();
        var idle = fixture.partition.close();
        fixture.settle();
        assertThat(idle).isDone();

        fixture.partition.log().close();
        fixture.produce("late", Batches.of("late"), Acks.ALL);
        fixture.settle();
        assertThat(fixture.answers).containsEntry("late", new ProduceOutcome.Closed(false));
        assertThat(fixture.fetch(0, true)).containsExactly(new FetchOutcome.Closed());
        assertThat(fixture.receipt("a").baseOffset()).isZero();
    }

    @Test
    void closingWhileAFlushRunsWaitsForIt() {
        fixture.produce("a", Batches.of("one"), Acks.ALL);

        var idle = fixture.partition.close();
        fixture.runWorkers();

        assertThat(fixture.answers).containsEntry("a", new ProduceOutcome.Closed(true));
        assertThat(idle).isNotDone();
        fixture.runFlush();
        assertThat(idle).isDone();
    }

    @Test
    void aFullMailboxIsSaidToTheSender() {
        var inFront = new ArrayList<String>();
        // Everything comes while a turn runs, so nothing is taken meanwhile.
        fixture.partition.produce(
                Batches.command(Batches.of("x"), Acks.LEADER),
                _ -> {
                    for (var i = 0; i <= PartitionServices.MAILBOX_CAPACITY; i++) {
                        fixture.produce("p" + i, Batches.of("y"), Acks.LEADER);
                    }
                    inFront.addAll(fixture.answers.keySet());
                });

        assertThat(inFront).isNotEmpty();
        assertThat(fixture.answers.get(inFront.getFirst()))
                .isEqualTo(new ProduceOutcome.Overloaded("partition queue"));
        fixture.settle();
        assertThat(fixture.answers).hasSize(PartitionServices.MAILBOX_CAPACITY + 1);
    }

    @Test
    void aListenerThatThrowsHarmsNobody() {
        fixture.partition.produce(
                Batches.command(Batches.of("x"), Acks.LEADER),
                _ -> {
                    throw new IllegalStateException("listener");
                });
        fixture.partition.fetch(
                new FetchCommand(0, 100, OptionalInt.empty(), true),
                _ -> {
                    throw new IllegalStateException("listener");
                });

        fixture.produce("next", Batches.of("y"), Acks.ALL);
        fixture.settle();

        assertThat(fixture.receipt("next").baseOffset()).isEqualTo(1);
        assertThat(fixture.partition.status().offlineReason()).isEmpty();
    }

    @Test
    void idempotenceHoldsAcrossARestart() {
        fixture.produce("a", Batches.sequenced(7, 0, 0, "1", "2"), Acks.ALL);
        fixture.settle();
        var restarted =
                PartitionFixture.leading(
                        fixture.disk.crashed(dev.weir.log.sim.CrashPolicy.none()),
                        2,
                        Durability.FSYNC);

        restarted.produce("again", Batches.sequenced(7, 0, 0, "1", "2"), Acks.ALL);
        restarted.produce("next", Batches.sequenced(7, 0, 2, "3"), Acks.ALL);
        restarted.produce("gap", Batches.sequenced(7, 0, 9, "x"), Acks.ALL);
        restarted.settle();

        assertThat(restarted.receipt("again").baseOffset()).isZero();
        assertThat(restarted.receipt("again").duplicate()).isTrue();
        assertThat(restarted.receipt("next").baseOffset()).isEqualTo(2);
        assertThat(restarted.answers)
                .containsEntry("gap", new ProduceOutcome.OutOfOrderSequence(7, 3, 9));
        assertThat(restarted.read(0)).isEqualTo(List.of("1", "2", "3"));
    }

    @Test
    void aPartitionThatGetsNoTurnsIsNotBuriedInTicks() {
        fixture.produce("a", Batches.of("waits for its flush"), Acks.ALL);

        for (var i = 0; i < 100; i++) {
            fixture.partition.tick();
        }

        assertThat(fixture.workers).hasSize(1);
        fixture.workers.remove().run();
        assertThat(fixture.workers).isEmpty();
        fixture.partition.tick();
        assertThat(fixture.workers).hasSize(1);
    }
}
