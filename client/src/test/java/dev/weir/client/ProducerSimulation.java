// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.client.core.Acknowledgement;
import dev.weir.client.core.BatchFailure;
import dev.weir.client.core.PartitionAccumulator;
import dev.weir.client.core.PartitionId;
import dev.weir.client.core.ProduceOutcome;
import dev.weir.client.core.ProducerBatch;
import dev.weir.client.core.ProducerCore;
import dev.weir.client.core.ProducerEffect;
import dev.weir.client.core.ProducerIdentity;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;

/// One seeded run of the producer's core against two nodes that share their partitions' logs, in
/// virtual time.
///
/// A node handles what a connection brought before what a later connection brings.
final class ProducerSimulation {

    static final int PARTITIONS = 3;
    private static final int RECORDS_PER_PARTITION = 150;
    private static final long MS = 1_000_000;
    private static final long FAULTS_END_NS = 40_000 * MS;
    private static final long CREDIT_BYTES = 4_000;

    /// Where each delivered record was said to be, and why others failed.
    final Map<Integer, String> delivered = new HashMap<>();

    final Map<Integer, BatchFailure> failed = new HashMap<>();
    final List<String> trace = new ArrayList<>();
    int sent;
    int epochsGiven;

    private record Timed(long atNs, long order, Runnable event) {}

    private static final class SimStream {
        final String node;
        boolean isDead;
        long creditBytes = CREDIT_BYTES;

        SimStream(String node) {
            this.node = node;
        }
    }

    private final Random random;
    private final PriorityQueue<Timed> queue =
            new PriorityQueue<>(
                    (one, two) ->
                            one.atNs == two.atNs
                                    ? Long.compare(one.order, two.order)
                                    // By difference: the clock may wrap.
                                    : Long.compare(one.atNs - two.atNs, 0));
    private final List<FakePartition> logs =
            IntStream.range(0, PARTITIONS).mapToObj(_ -> new FakePartition()).toList();
    private final String[] leaders = new String[PARTITIONS];
    private final List<PartitionAccumulator<Integer>> accumulators;
    private final Map<Long, SimStream> streams = new HashMap<>();
    private final Map<String, Long> lastArrivalNs = new HashMap<>();
    private final ProducerCore<Integer> core;
    private long nowNs;
    private long order;
    private long lastProducerId;
    private int lastEpoch;

    ProducerSimulation(long seed) {
        random = new Random(seed);
        // Negative, and near the wrap of the monotonic clock in every seventh run.
        nowNs = seed % 7 == 0 ? Long.MAX_VALUE - 1_000 * MS : -5_000 * MS;
        core = new ProducerCore<>(new ProducerCore.Settings(true, true, 5, 2_000 * MS, seed));
        var settings = new PartitionAccumulator.Settings(Compression.NONE, 400, 5 * MS, 6_000 * MS);
        accumulators =
                IntStream.range(0, PARTITIONS)
                        .mapToObj(_ -> new PartitionAccumulator<Integer>(settings))
                        .toList();
        Arrays.fill(leaders, "a");
    }

    FakePartition log(int partition) {
        return logs.get(partition);
    }

    void run() {
        long startNs = nowNs;
        tickEvery10Ms();
        moveLeaders();
        for (int p = 0; p < PARTITIONS; p++) {
            appendRecords(p, 0);
        }
        while (delivered.size() + failed.size() < PARTITIONS * RECORDS_PER_PARTITION) {
            var next = queue.remove();
            nowNs = next.atNs;
            if (nowNs - startNs > 200_000 * MS) {
                throw new IllegalStateException(
                        "nothing moves: "
                                + delivered.size()
                                + " delivered, "
                                + failed.size()
                                + " failed of "
                                + sent);
            }
            faultsEnd |= nowNs - startNs > FAULTS_END_NS;
            next.event.run();
            takeBatches();
        }
    }

    private boolean faultsEnd;

    private boolean happens(int perMille) {
        return !faultsEnd && random.nextInt(1_000) < perMille;
    }

    private void in(long delayNs, Runnable event) {
        queue.add(new Timed(nowNs + delayNs, order++, event));
    }

    private long delayNs() {
        return (happens(30) ? random.nextInt(500) : random.nextInt(5)) * MS
                + random.nextInt(1_000_000);
    }

    private void tickEvery10Ms() {
        in(
                10 * MS,
                () -> {
                    perform(core.onTick(nowNs));
                    tickEvery10Ms();
                });
    }

    private void moveLeaders() {
        in(
                random.nextInt(5_000) * MS,
                () -> {
                    if (happens(500)) {
                        int p = random.nextInt(PARTITIONS);
                        leaders[p] = leaders[p].equals("a") ? "b" : "a";
                    }
                    moveLeaders();
                });
    }

    private void appendRecords(int p, int count) {
        if (count == RECORDS_PER_PARTITION) {
            return;
        }
        var value = String.valueOf(sent++).getBytes(StandardCharsets.UTF_8);
        int id = sent - 1;
        var accumulator = accumulators.get(p);
        int alone = (int) RecordBatchBuilder.sizeBytesOfOne(null, value, List.of());
        while (!accumulator.tryAppend(1_000, null, value, List.of(), id)) {
            accumulator.offerMemory(new byte[accumulator.memoryWanted(alone)], alone, nowNs, 0);
        }
        in(random.nextInt(400) * MS / (1 + random.nextInt(6)), () -> appendRecords(p, count + 1));
    }

    private void takeBatches() {
        for (int p = 0; p < PARTITIONS; p++) {
            var id = new PartitionId("t", p);
            while (true) {
                var expired = accumulators.get(p).pollExpired(nowNs);
                if (expired != null) {
                    fail(expired, new BatchFailure.TimedOut(false, null));
                    continue;
                }
                var batch = core.hasRoom(id) ? accumulators.get(p).poll(nowNs, false) : null;
                if (batch == null) {
                    break;
                }
                perform(core.onBatch(id, batch, nowNs));
            }
        }
    }

    private void perform(List<ProducerEffect<Integer>> effects) {
        for (var effect : effects) {
            trace.add(effect.getClass().getSimpleName() + " at " + nowNs);
            switch (effect) {
                case ProducerEffect.Send<Integer> send -> send(send);
                case ProducerEffect.OpenStream<Integer> open -> open(open.node(), open.streamId());
                case ProducerEffect.EndStream<Integer> end ->
                        streams.get(end.streamId()).isDead = true;
                case ProducerEffect.TakeIdentity<Integer> take -> takeIdentity(take.last());
                case ProducerEffect.FindLeaders<Integer> _ -> findLeaders();
                case ProducerEffect.Suspect<Integer> _ -> {
                    // Packets are lost here one by one, never all of a node's.
                }
                case ProducerEffect.Delivered<Integer> done -> {
                    for (int i = 0; i < done.batch().recordCount(); i++) {
                        var place =
                                done.partition().partition()
                                        + "@"
                                        + (done.acknowledgement().baseOffset() + i);
                        if (delivered.put(done.batch().callback(i), place) != null) {
                            throw new IllegalStateException(
                                    "delivered twice: " + done.batch().callback(i));
                        }
                    }
                }
                case ProducerEffect.Failed<Integer> failure ->
                        fail(failure.batch(), failure.failure());
            }
        }
    }

    private void fail(ProducerBatch<Integer> batch, BatchFailure failure) {
        for (int i = 0; i < batch.recordCount(); i++) {
            if (failed.put(batch.callback(i), failure) != null) {
                throw new IllegalStateException("failed twice: " + batch.callback(i));
            }
        }
    }

    private void open(String node, long streamId) {
        var stream = new SimStream(node);
        streams.put(streamId, stream);
        if (happens(100)) {
            in(delayNs(), () -> end(streamId));
        } else {
            in(
                    delayNs(),
                    () -> {
                        if (!stream.isDead) {
                            perform(core.onStreamOpened(streamId, CREDIT_BYTES, nowNs));
                        }
                    });
        }
    }

    private void end(long streamId) {
        streams.get(streamId).isDead = true;
        perform(core.onStreamEnded(streamId, new IllegalStateException("cut"), nowNs));
    }

    private void send(ProducerEffect.Send<Integer> send) {
        var stream = streams.get(send.streamId());
        var bytes = Arrays.copyOf(send.batch().bytes().array(), send.batch().bytes().limit());
        int requestBytes = bytes.length + random.nextInt(400);
        core.onSent(send.streamId(), send.partition(), bytes.length, requestBytes);
        stream.creditBytes -= requestBytes;
        if (stream.creditBytes < 0) {
            throw new IllegalStateException("credit overrun");
        }
        long arrivesAtNs = nowNs + delayNs();
        var last = lastArrivalNs.get(stream.node);
        if (last != null && last - arrivesAtNs > 0) {
            arrivesAtNs = last;
        }
        lastArrivalNs.put(stream.node, arrivesAtNs);
        queue.add(new Timed(arrivesAtNs, order++, () -> arrive(send, stream, bytes, requestBytes)));
    }

    private void arrive(
            ProducerEffect.Send<Integer> send, SimStream stream, byte[] bytes, int requestBytes) {
        int p = send.partition().partition();
        if (happens(15)) {
            in(delayNs(), () -> endIfAlive(send.streamId(), stream)); // and the request is lost
            return;
        }
        var cause = new IllegalStateException("simulated");
        if (!leaders[p].equals(stream.node)) {
            answer(send, stream, new ProduceOutcome.Again(false, true, 0, cause), requestBytes);
            return;
        }
        if (happens(20)) {
            answer(
                    send,
                    stream,
                    new ProduceOutcome.Again(false, false, random.nextInt(20), cause),
                    requestBytes);
            return;
        }
        if (happens(5)) {
            answer(send, stream, new ProduceOutcome.Refused(cause), requestBytes);
            return;
        }
        ProduceOutcome outcome;
        try {
            var appended = logs.get(p).append(bytes);
            outcome =
                    new ProduceOutcome.Accepted(
                            new Acknowledgement(appended.baseOffset(), 0, 3, List.of(), List.of()));
        } catch (FakePartition.RefusedException e) {
            outcome =
                    e.getMessage().equals("PRODUCER_FENCED")
                            ? new ProduceOutcome.Fenced(cause)
                            : new ProduceOutcome.OutOfSequence(cause);
        }
        if (happens(15)) {
            in(delayNs(), () -> endIfAlive(send.streamId(), stream));
        } else if (happens(15) && outcome instanceof ProduceOutcome.Accepted) {
            answer(send, stream, new ProduceOutcome.Again(true, false, 0, cause), requestBytes);
        } else if (!happens(5)) {
            answer(send, stream, outcome, requestBytes);
        }
    }

    private void endIfAlive(long streamId, SimStream stream) {
        if (!stream.isDead) {
            end(streamId);
        }
    }

    private void answer(
            ProducerEffect.Send<Integer> send,
            SimStream stream,
            ProduceOutcome outcome,
            int creditBytes) {
        in(
                delayNs(),
                () -> {
                    if (!stream.isDead) {
                        stream.creditBytes += creditBytes;
                        perform(
                                core.onAnswer(
                                        send.streamId(),
                                        send.requestId(),
                                        outcome,
                                        creditBytes,
                                        nowNs));
                    }
                });
    }

    private void takeIdentity(ProducerIdentity last) {
        if (happens(100)) {
            in(delayNs(), () -> perform(core.onIdentityRefused(null, nowNs)));
            return;
        }
        boolean isStale =
                last != null
                        && (last.producerId() != lastProducerId
                                || last.producerEpoch() != lastEpoch);
        if (isStale) {
            in(
                    delayNs(),
                    () ->
                            perform(
                                    core.onIdentityRefused(
                                            new IllegalStateException("stale"), nowNs)));
            return;
        }
        if (last == null) {
            lastProducerId++;
            lastEpoch = 0;
        } else {
            lastEpoch++;
            epochsGiven++;
        }
        var given = new ProducerIdentity(lastProducerId, (short) lastEpoch);
        if (happens(100)) {
            in(
                    delayNs(),
                    () ->
                            perform(
                                    core.onIdentityRefused(
                                            null, nowNs))); // given, but the answer is lost
        } else {
            in(delayNs(), () -> perform(core.onIdentity(given, nowNs)));
        }
    }

    private void findLeaders() {
        if (happens(200)) {
            in(delayNs(), () -> perform(core.onLeadersUnknown("t", null, nowNs)));
            return;
        }
        var seen = leaders.clone();
        var known = new LinkedHashMap<PartitionId, String>();
        for (int p = 0; p < PARTITIONS; p++) {
            known.put(new PartitionId("t", p), seen[p]);
        }
        in(delayNs(), () -> perform(core.onLeaders("t", known, true, nowNs)));
    }
}
