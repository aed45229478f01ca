// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import dev.weir.log.producer.ProducerBatch;
import dev.weir.log.producer.ProducerStates;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// A replica over a log that is a few numbers: appends succeed at once unless held, flushes when a
/// test says so.
final class ReplicaHarness {

    static final int NODE = 1;
    static final int OTHER = 2;
    static final long WALL_MS = 1_700_000_000_000L;

    record Ticket(String name) implements ProduceTicket, FetchTicket {}

    final Map<String, ProduceOutcome> answers = new LinkedHashMap<>();
    final Map<String, FetchVerdict> woken = new LinkedHashMap<>();
    final List<ReplicaEffect.Append> appends = new ArrayList<>();
    final List<Runnable> heldAppends = new ArrayList<>();
    final List<ReplicaEffect> others = new ArrayList<>();
    final TestLog log;
    final PartitionReplica replica;

    boolean holdAppends;
    boolean flushWanted;
    long nowMs = 1_000;
    long wallMs = WALL_MS;

    private ReplicaEffect.@Nullable AppendReplicated replicated;
    private final ProducerStates producers = new ProducerStates(100, 0);
    private final Map<ProduceTicket, BatchSummary> batches = new LinkedHashMap<>();
    long endOffset;

    ReplicaHarness() {
        this(new LogState(0, 0, 0, -1, 0), ReplicaLimits.DEFAULT);
    }

    ReplicaHarness(LogState log, ReplicaLimits limits) {
        endOffset = log.logEndOffset();
        this.log = new TestLog(log, producers);
        replica =
                new PartitionReplica(
                        new ReplicaIdentity(NODE, incarnation(NODE), directory(NODE)),
                        log,
                        this.log,
                        limits);
    }

    /// This node alone, leading in epoch 1.
    static ReplicaHarness leading() {
        var harness = new ReplicaHarness();
        harness.image(alone(1), PartitionConfig.DEFAULT);
        return harness;
    }

    static Assignment alone(int leaderEpoch) {
        return assignment(NODE, leaderEpoch, leaderEpoch, List.of(NODE), List.of(NODE));
    }

    /// Every replica's node is registered and live.
    static Assignment assignment(
            int leaderId,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr) {
        return new Assignment(
                leaderId,
                leaderEpoch,
                partitionEpoch,
                replicas.stream()
                        .map(n -> new AssignedReplica(n, incarnation(n), directory(n), true))
                        .toList(),
                isr,
                List.of(),
                false);
    }

    static UUID incarnation(int node) {
        return new UUID(100, node);
    }

    static UUID directory(int node) {
        return new UUID(200, node);
    }

    static PartitionConfig config(Durability durability, int minInsyncReplicas) {
        return new PartitionConfig(
                durability, minInsyncReplicas, PartitionConfig.TIMESTAMP_AHEAD_MAX_MS);
    }

    static BatchSummary plain(int recordCount) {
        return new BatchSummary(-1, (short) -1, -1, recordCount, WALL_MS);
    }

    static BatchSummary sequenced(long producerId, int epoch, int baseSequence, int recordCount) {
        return new BatchSummary(producerId, (short) epoch, baseSequence, recordCount, WALL_MS);
    }

    /// Batches that a leader pushes.
    static final class Pushed implements PushedBatches {
        final int records;
        final int epoch;
        int releases;

        Pushed(int records, int epoch) {
            this.records = records;
            this.epoch = epoch;
        }

        @Override
        public ByteBuffer buffer() {
            return ByteBuffer.allocate(0);
        }

        @Override
        public int sizeBytes() {
            return 100 * records;
        }

        @Override
        public void release() {
            releases++;
        }
    }

    static SessionId session(int node, long number) {
        return new SessionId(incarnation(node), number);
    }

    void receive(int fromNode, ReplicaMessage message) {
        step(new ReplicaEvent.Received(fromNode, message));
    }

    /// A follower in the ISR, or one that has caught up, opens a session.
    void open(int node, long number, int leaderEpoch, long fetchOffset, int lastEpoch) {
        open(node, number, leaderEpoch, Lane.IN_SYNC, fetchOffset, lastEpoch);
    }

    void open(int node, long number, int leaderEpoch, Lane lane, long fetchOffset, int lastEpoch) {
        receive(
                node,
                new ReplicaMessage.OpenSession(
                        session(node, number),
                        leaderEpoch,
                        directory(node),
                        lane,
                        fetchOffset,
                        lastEpoch));
    }

    void ack(int node, long number, int leaderEpoch, long appendedEnd, long durableEnd) {
        receive(
                node,
                new ReplicaMessage.Ack(
                        session(node, number),
                        leaderEpoch,
                        appendedEnd,
                        durableEnd,
                        highWatermark()));
    }

    void tick(long laterMs) {
        nowMs += laterMs;
        step(new ReplicaEvent.Tick());
    }

    /// Effects of a kind since the last question for that kind.
    <T extends ReplicaEffect> List<T> take(Class<T> kind) {
        var found = others.stream().filter(kind::isInstance).map(kind::cast).toList();
        others.removeIf(kind::isInstance);
        return found;
    }

    /// Messages of a kind sent since the last question.
    <T extends ReplicaMessage> List<T> sent(Class<T> kind) {
        return take(ReplicaEffect.Send.class).stream()
                .map(ReplicaEffect.Send::message)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    void image(Assignment assignment, PartitionConfig config) {
        step(new ReplicaEvent.ImageChanged(assignment, config));
    }

    void produce(String name, BatchSummary batch, Acks acks) {
        produce(name, batch, acks, OptionalInt.empty(), Long.MAX_VALUE);
    }

    void produce(String name, BatchSummary batch, Acks acks, OptionalInt epoch, long deadlineMs) {
        var ticket = new Ticket(name);
        batches.put(ticket, batch);
        step(new ReplicaEvent.Produce(ticket, batch, acks, epoch, deadlineMs, wallMs));
    }

    void park(String name, long offset) {
        step(new ReplicaEvent.Park(new Ticket(name), offset, OptionalInt.empty()));
    }

    /// Everything appended is on stable storage.
    void flush() {
        flushWanted = false;
        step(new ReplicaEvent.FlushDone(endOffset));
    }

    void step(ReplicaEvent event) {
        var before = appends.size();
        for (var effect : replica.step(event, nowMs)) {
            switch (effect) {
                case ReplicaEffect.Append append -> appends.add(append);
                case ReplicaEffect.RequestFlush _ -> flushWanted = true;
                case ReplicaEffect.AnswerProduce(var ticket, var outcome) ->
                        answered(((Ticket) ticket).name(), outcome);
                case ReplicaEffect.WakeFetch(var ticket, var verdict) ->
                        woken.put(((Ticket) ticket).name(), verdict);
                case ReplicaEffect.AppendReplicated append -> {
                    others.add(append);
                    replicated = append;
                }
                case ReplicaEffect other -> others.add(other);
            }
        }
        if (appends.size() > before && !holdAppends) {
            completeAppends();
        }
        var append = replicated;
        replicated = null;
        if (append != null) {
            endOffset = append.baseOffset() + ((Pushed) append.batches()).records;
            log.epochs = log.epochs.assign(((Pushed) append.batches()).epoch, append.baseOffset());
            step(new ReplicaEvent.Appended(endOffset));
        }
    }

    private void answered(String name, ProduceOutcome outcome) {
        if (answers.put(name, outcome) != null) {
            throw new AssertionError(name + " was answered twice");
        }
    }

    /// All appends asked for are in the log.
    void completeAppends() {
        for (var append : appends) {
            if (append.baseOffset() < endOffset) {
                continue;
            }
            var batch = batches.get(append.ticket());
            endOffset = append.baseOffset() + batch.recordCount();
            log.epochs = log.epochs.assign(append.leaderEpoch(), append.baseOffset());
            if (batch.isSequenced()) {
                producers.append(
                        batch.producerId(),
                        batch.producerEpoch(),
                        new ProducerBatch(
                                batch.baseSequence(),
                                batch.lastSequence(),
                                append.baseOffset(),
                                endOffset - 1,
                                batch.maxTimestampMs()),
                        wallMs);
            }
        }
        step(new ReplicaEvent.Appended(endOffset));
    }

    Receipt receipt(String name) {
        if (answers.get(name) instanceof ProduceOutcome.Accepted(Receipt receipt)) {
            return receipt;
        }
        throw new AssertionError(name + " was answered " + answers.get(name));
    }

    Optional<ProduceOutcome> answer(String name) {
        return Optional.ofNullable(answers.get(name));
    }

    long highWatermark() {
        return replica.view().highWatermark();
    }
}
