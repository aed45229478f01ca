// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchListener;
import dev.weir.broker.partition.ListOffsetsListener;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionStatus;
import dev.weir.broker.partition.PendingFetch;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.storage.ReplicaChange;
import dev.weir.log.PartitionId;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What one sender's batches do when leadership moves between this node and another: a fake replica
/// here, a fake leader there.
class HereAndAwayTest {

    private static final int SELF = 9;
    private static final long PATIENCE_S = 20;

    private final PartitionId partition = new PartitionId(UUID.randomUUID(), 0);
    private final FakeLeader other = new FakeLeader();
    private final FakeReplica replica = new FakeReplica();
    private final StreamTimers timers = new StreamTimers();
    private volatile Leadership leadership = new Leadership.Led(SELF, 0);
    private final ProduceLanes lanes =
            new ProduceLanes(
                    new Forwarding(
                            SELF,
                            _ -> leadership,
                            _ -> Optional.of(other.channel()),
                            timers,
                            new MemoryBudget(1_000)),
                    new OnePartition(),
                    new Principal("anna"),
                    null);

    /// A replica whose mailbox is the test.
    private final class FakeReplica implements Partition {

        final LinkedBlockingQueue<Came> came = new LinkedBlockingQueue<>();

        Came next() throws InterruptedException {
            var next = came.poll(PATIENCE_S, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public PartitionId id() {
            return partition;
        }

        @Override
        public void produce(ProduceCommand command, ProduceListener listener) {
            came.add(new Came(command, listener));
        }

        @Override
        public PendingFetch fetch(FetchCommand command, FetchListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void listOffsets(
                OffsetQuestion question, OptionalInt leaderEpoch, ListOffsetsListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PartitionStatus status() {
            throw new UnsupportedOperationException();
        }
    }

    private record Came(ProduceCommand command, ProduceListener listener) {

        void answer(ProduceOutcome outcome) {
            listener.onOutcome(outcome);
            listener.onBatchReleased();
        }
    }

    private final class OnePartition implements PartitionRegistry {

        @Override
        public Optional<Partition> find(PartitionId id) {
            return Optional.of(replica);
        }

        @Override
        public Collection<Partition> all() {
            return List.of(replica);
        }

        @Override
        public void apply(long metadataOffset, List<ReplicaChange> changes) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Heard implements BatchListener {

        final CompletableFuture<Object> answer = new CompletableFuture<>();

        @Override
        public void bytesReleased() {}

        @Override
        public void stored(dev.weir.api.v1.Receipt receipt) {
            answer.complete("stored");
        }

        @Override
        public void refused(ApiError error) {
            answer.complete(error.reason());
        }
    }

    @AfterEach
    void close() {
        lanes.close();
        timers.close();
        other.close();
    }

    private AwayBatch away(ByteBuffer batch, Heard heard) {
        return new AwayBatch(
                new AwayBatch.Place("t", partition),
                batch,
                Acks.ALL,
                StreamTimers.nowMs() + 30_000,
                heard);
    }

    @Test
    void aLateAnswerFromHereIsNoneToAnAttemptElsewhere() throws Exception {
        // given: sent here, silence, and sent to a newer leader
        var heard = new Heard();
        lanes.add(away(ApiClient.sequenced(7, 0, 0, "a"), heard));
        var here = replica.next();
        leadership = new Leadership.Led(1, 1);
        var there = other.next();

        // when
        here.answer(new ProduceOutcome.LogDirFull());
        there.store();

        // then
        assertThat(heard.answer.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo("stored");
    }
}
