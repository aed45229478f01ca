// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.metadata.ProducerIds;
import dev.weir.client.core.BatchFailure;
import dev.weir.client.core.PartitionAccumulator;
import dev.weir.client.core.PartitionId;
import dev.weir.client.core.ProducerBatch;
import dev.weir.client.core.ProducerCore;
import dev.weir.client.core.ProducerEffect;
import dev.weir.client.core.ProducerIdentity;
import dev.weir.record.Compression;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A producer: the real core and accumulators, between a sender of numbered records and streams
/// over the simulated network.
final class SimProducer {

    private static final long REQUEST_TIMEOUT_NS = 2_500_000_000L;
    private static final int TICK_MS = 50;
    private static final int MEMORY_BYTES = 2 << 10;

    private final Simulation simulation;
    private final Engine engine;
    private final ProducerCore<Integer> core;
    private final List<PartitionId> partitions = new ArrayList<>();
    private final List<PartitionAccumulator<Integer>> accumulators = new ArrayList<>();
    private final Map<Long, ProduceStream> streams = new LinkedHashMap<>();
    private final int[] epochs;
    private final int paceMs;
    private int unanswered;
    private boolean isAskingIdentity;

    SimProducer(Simulation simulation, int partitionCount, int paceMs) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.paceMs = paceMs;
        this.epochs = new int[partitionCount];
        this.core =
                new ProducerCore<>(
                        new ProducerCore.Settings(
                                true, true, 5, REQUEST_TIMEOUT_NS, engine.random.nextLong()));
        var settings =
                new PartitionAccumulator.Settings(
                        Compression.NONE,
                        MEMORY_BYTES,
                        engine.pick(0, 5, 20) * 1_000_000L,
                        simulation.plan().deliveryMs() * 1_000_000L);
        for (int partition = 0; partition < partitionCount; partition++) {
            partitions.add(new PartitionId(Simulation.TOPIC, partition));
            accumulators.add(new PartitionAccumulator<>(settings));
        }
    }

    void start() {
        engine.at(engine.below(500), "send", this::send);
        engine.at(TICK_MS, "producer tick", this::tick);
    }

    /// Records whose sender has not been told yet.
    int unanswered() {
        return unanswered;
    }

    private long nowNs() {
        return engine.nowMs() * 1_000_000;
    }

    private void send() {
        if (!simulation.net().isFaulty()) {
            return;
        }
        engine.at(1 + engine.below(2 * paceMs), "send", this::send);
        int partition = engine.below(partitions.size());
        var burst = engine.below(8) == 0 ? 1 + engine.below(6) : 1;
        for (int i = 0; i < burst; i++) {
            append(partition);
        }
        poll(partition);
    }

    private void append(int partition) {
        var record = simulation.checker().newRecord();
        simulation.counters().clientOperations++;
        unanswered++;
        // Some span several sectors of a disk, so that a power loss can take a part of one.
        int size = 8 + engine.below(engine.below(3) == 0 ? 1_500 : 300);
        var value = ByteBuffer.allocate(size).putLong(record).array();
        var accumulator = accumulators.get(partition);
        var wallMs = simulation.wallMs();
        if (!accumulator.tryAppend(wallMs, null, value, List.of(), record)) {
            accumulator.offerMemory(new byte[MEMORY_BYTES], 80 + value.length, nowNs(), 0);
            if (!accumulator.tryAppend(wallMs, null, value, List.of(), record)) {
                throw new IllegalStateException("a record does not fit into a new batch");
            }
        }
    }

    private void poll(int partition) {
        var id = partitions.get(partition);
        while (core.hasRoom(id)) {
            var batch = accumulators.get(partition).poll(nowNs(), false);
            if (batch == null) {
                return;
            }
            carryOut(core.onBatch(id, batch, nowNs()));
        }
    }

    private void tick() {
        engine.at(TICK_MS, "producer tick", this::tick);
        if (unanswered == 0) {
            return;
        }
        carryOut(core.onTick(nowNs()));
        for (int partition = 0; partition < partitions.size(); partition++) {
            var accumulator = accumulators.get(partition);
            for (var late = accumulator.pollExpired(nowNs());
                    late != null;
                    late = accumulator.pollExpired(nowNs())) {
                failed(late);
            }
            poll(partition);
        }
    }

    private void carryOut(List<ProducerEffect<Integer>> effects) {
        for (var effect : effects) {
            switch (effect) {
                case ProducerEffect.Send<Integer>(
                                var streamId,
                                var requestId,
                                var partition,
                                var batch) ->
                        send(streamId, requestId, partition, batch);
                case ProducerEffect.OpenStream<Integer>(var node, var streamId) -> {
                    var stream = new ProduceStream(simulation, this, node, streamId);
                    streams.put(streamId, stream);
                    stream.open();
                }
                case ProducerEffect.EndStream<Integer>(var streamId) -> {
                    var stream = streams.remove(streamId);
                    if (stream != null) {
                        stream.close();
                    }
                }
                case ProducerEffect.TakeIdentity<Integer>(var last) -> takeIdentity(last);
                case ProducerEffect.FindLeaders<Integer> _ -> findLeaders();
                case ProducerEffect.Suspect<Integer> _ -> {
                    // Whether a host can be reached is the shell's to find out.
                }
                case ProducerEffect.Delivered<Integer>(var partition, var batch, var ack) -> {
                    unanswered -= batch.recordCount();
                    simulation.counters().acknowledged += batch.recordCount();
                    var records = new int[batch.recordCount()];
                    for (int i = 0; i < records.length; i++) {
                        records[i] = batch.callback(i);
                    }
                    simulation
                            .checker()
                            .acknowledged(partition.partition(), ack.baseOffset(), records);
                }
                case ProducerEffect.Failed<Integer>(_, var batch, var failure) -> {
                    if (failure instanceof BatchFailure.Refused) {
                        simulation.counters().refusedToClient++;
                    } else {
                        simulation.counters().unknownToClient++;
                    }
                    failed(batch);
                }
            }
        }
    }

    private void failed(ProducerBatch<Integer> batch) {
        unanswered -= batch.recordCount();
    }

    private void send(
            long streamId, long requestId, PartitionId partition, ProducerBatch<Integer> batch) {
        var bytes = new byte[batch.bytes().remaining()];
        batch.bytes().duplicate().get(bytes);
        var requestBytes = bytes.length + 60;
        var stream = streams.get(streamId);
        if (stream != null) {
            stream.send(requestId, partition.partition(), bytes, requestBytes);
        }
        core.onSent(streamId, partition, bytes.length, requestBytes);
    }

    // ------------------------------------------------------------------ what streams report

    void opened(long streamId, long creditBytes) {
        carryOut(core.onStreamOpened(streamId, creditBytes, nowNs()));
    }

    void answered(
            long streamId,
            long requestId,
            dev.weir.client.core.ProduceOutcome outcome,
            long creditBytes) {
        carryOut(core.onAnswer(streamId, requestId, outcome, creditBytes, nowNs()));
    }

    void ended(long streamId, String why) {
        streams.remove(streamId);
        carryOut(core.onStreamEnded(streamId, new IllegalStateException(why), nowNs()));
    }

    List<ProduceStream> streams() {
        return List.copyOf(streams.values());
    }

    // ------------------------------------------------------------------ unary questions

    /// Any node answers, or nobody: then a timeout does.
    private void takeIdentity(@Nullable ProducerIdentity last) {
        isAskingIdentity = true;
        var node = simulation.node(1 + engine.below(simulation.plan().nodes()));
        var done = new boolean[1];
        simulation.ask(
                node,
                "init producer",
                broker -> {
                    if (last == null) {
                        broker.producerIds().fresh(answer -> identified(node, answer, done));
                    } else {
                        broker.producerIds()
                                .nextEpoch(
                                        last.producerId(),
                                        last.producerEpoch(),
                                        answer -> identified(node, answer, done));
                    }
                });
        engine.at(
                1_200,
                "init producer timeout",
                () -> {
                    if (!done[0]) {
                        done[0] = true;
                        isAskingIdentity = false;
                        carryOut(core.onIdentityRefused(null, nowNs()));
                    }
                });
    }

    private void identified(SimNode node, ProducerIds.Answer answer, boolean[] done) {
        simulation.answer(
                node,
                "producer identity",
                () -> {
                    if (done[0] || !isAskingIdentity) {
                        return;
                    }
                    done[0] = true;
                    isAskingIdentity = false;
                    if (answer instanceof ProducerIds.Answer.Given(var id, var epoch)) {
                        carryOut(core.onIdentity(new ProducerIdentity(id, (short) epoch), nowNs()));
                    } else {
                        carryOut(core.onIdentityRefused(null, nowNs()));
                    }
                });
    }

    private void findLeaders() {
        var node = simulation.node(1 + engine.below(simulation.plan().nodes()));
        var done = new boolean[1];
        simulation.ask(
                node,
                "describe topic",
                broker -> {
                    var leaders = simulation.leaders(broker.followed());
                    simulation.answer(
                            node,
                            "topic description",
                            () -> {
                                if (!done[0]) {
                                    done[0] = true;
                                    described(leaders);
                                }
                            });
                });
        engine.at(
                400,
                "describe topic timeout",
                () -> {
                    if (!done[0]) {
                        done[0] = true;
                        carryOut(core.onLeadersUnknown(Simulation.TOPIC, null, nowNs()));
                    }
                });
    }

    /// One that is older than what was heard already says nothing.
    private void described(List<Simulation.Leader> described) {
        var leaders = new LinkedHashMap<PartitionId, String>();
        for (int partition = 0; partition < described.size(); partition++) {
            var leader = described.get(partition);
            var isNewest = leader.epoch() >= epochs[partition];
            epochs[partition] = Math.max(epochs[partition], leader.epoch());
            if (isNewest && leader.node() > 0) {
                leaders.put(partitions.get(partition), "node" + leader.node());
            }
        }
        var areAll = leaders.size() == partitions.size();
        carryOut(core.onLeaders(Simulation.TOPIC, leaders, areAll, nowNs()));
    }

    /// A node that refused named an epoch.
    void refused(int partition, int epoch) {
        epochs[partition] = Math.max(epochs[partition], epoch);
    }
}
