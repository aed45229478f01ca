// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.metrics.RequestMeters;
import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchListener;
import dev.weir.broker.partition.ListOffsetsListener;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionStatus;
import dev.weir.broker.partition.PendingFetch;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.NotLeader;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.storage.ReplicaChange;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.record.RecordBatch;

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
    private static final int OTHER = 1;
    private static final long PATIENCE_S = 20;

    private final PartitionId partition = new PartitionId(UUID.randomUUID(), 0);
    private final FakeLeader other = new FakeLeader();
    private final FakeReplica replica = new FakeReplica();
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final StreamTimers timers = new StreamTimers();
    private volatile ClusterImage image = led(SELF, 0);
    private final PartitionRouter router =
            new PartitionRouter(
                    SELF, () -> image, new OnePartition(), new Access(Authorizer.ALLOW_ALL));
    private final ProduceDispatcher dispatcher =
            new ProduceDispatcher(
                    router,
                    new RecordSetEncoder(1 << 20, System::currentTimeMillis),
                    RequestMeters.NONE);
    private final ProduceLanes lanes =
            new ProduceLanes(
                    new Forwarding(
                            SELF,
                            router::leader,
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
        public void stored(Receipt receipt) {
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
        image = led(OTHER, 1);
        var there = other.next();

        // when
        here.answer(new ProduceOutcome.LogDirFull());
        there.store();

        // then
        assertThat(heard.answer.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo("stored");
    }

    private ClusterImage led(int leader, int epoch) {
        var state =
                new PartitionState(
                        List.of(SELF, OTHER),
                        List.of(new UUID(9, SELF), new UUID(9, OTHER)),
                        List.of(SELF, OTHER),
                        List.of(),
                        List.of(),
                        OptionalInt.of(leader),
                        epoch,
                        epoch,
                        false);
        return ClusterImage.EMPTY.with(
                List.of(
                        new TopicCreated(partition.topicId(), "t"),
                        new PartitionCreated(partition.topicId(), 0, state)));
    }

    private void produce(String value) {
        var topic = TopicRef.newBuilder().setName("t").build();
        var sender =
                new ProduceDispatcher.Sender(
                        new Principal("anna"), StreamTimers.nowMs() + 30_000, lanes);
        dispatcher.dispatch(
                ApiClient.request(1, topic, ApiClient.batch(value)),
                sender,
                new ProduceAnswer() {
                    @Override
                    public void bytesReleased() {}

                    @Override
                    public void accepted(List<Receipt> receipts, List<RecordPosition> positions) {
                        answers.add(value);
                    }

                    @Override
                    public void refused(ApiError error) {
                        answers.add(value + " " + error.reason());
                    }
                });
    }

    private static ProduceOutcome notLeader(int leader, int epoch) {
        return new ProduceOutcome.Refused(new NotLeader(leader, epoch), false);
    }

    private String nextAnswer() throws InterruptedException {
        return answers.poll(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Test
    void aBatchDoesNotPassThoseThatWaitHereWhenTheLeaderMovesAway() throws Exception {
        produce("first");
        produce("second");
        image = led(OTHER, 1);
        produce("third");
        assertThat(other.waiting()).isZero();

        // The replica hears of the new leader only now.
        replica.next().answer(notLeader(OTHER, 1));
        replica.next().answer(notLeader(OTHER, 1));

        for (var value : List.of("first", "second", "third")) {
            var came = other.next();
            assertThat(came.value()).isEqualTo(value);
            came.store();
            assertThat(nextAnswer()).isEqualTo(value);
        }
    }

    @Test
    void aBatchDoesNotPassThoseThatWaitHereWhenTheLeaderMovesAwayAndBack() throws Exception {
        produce("first");
        image = led(SELF, 2);
        produce("second");
        var first = replica.next();
        assertThat(first.command().leaderEpoch()).hasValue(0);
        assertThat(replica.came).isEmpty();

        first.answer(notLeader(OTHER, 1));

        for (var value : List.of("first", "second")) {
            var came = replica.next();
            assertThat(ForwardedProduceTest.value(RecordBatch.at(came.command().batch(), 0)))
                    .isEqualTo(value);
            assertThat(came.command().leaderEpoch()).hasValue(2);
            came.answer(accepted());
            assertThat(nextAnswer()).isEqualTo(value);
        }
    }

    @Test
    void whatWasAppendedHereHoldsNobodyUp() throws Exception {
        produce("first");
        image = led(OTHER, 1);
        produce("second");
        assertThat(other.waiting()).isZero();

        replica.next().listener().onBatchReleased();

        assertThat(other.next().value()).isEqualTo("second");
    }

    private static ProduceOutcome accepted() {
        return new ProduceOutcome.Accepted(
                new dev.weir.broker.partition.core.Receipt(
                        0, 1, 2, Durability.FSYNC, List.of(SELF), List.of(SELF), false));
    }
}
