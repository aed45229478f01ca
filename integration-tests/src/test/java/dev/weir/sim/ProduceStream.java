// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.client.core.Acknowledgement;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// A produce stream of a client to one life of a node, with the part of the service that a node has
/// between the stream and the partition: ordered both ways while it lasts. Requests that are on
/// their way when it breaks may still be carried out.
final class ProduceStream {

    private static final long CREDIT_BYTES = 64 << 10;
    private static final long DEADLINE_MS = 4_000;
    private static final RuntimeException RETRY = new IllegalStateException("retry");
    private static final RuntimeException REFUSED = new IllegalStateException("refused");

    private final Simulation simulation;
    private final Engine engine;
    private final SimProducer producer;
    private final SimNode node;
    private final long streamId;
    private long nodeLife;
    private boolean isOver;

    ProduceStream(Simulation simulation, SimProducer producer, String node, long streamId) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.producer = producer;
        this.node = simulation.node(Integer.parseInt(node.substring("node".length())));
        this.streamId = streamId;
    }

    SimNode node() {
        return node;
    }

    void open() {
        nodeLife = node.life();
        if (!node.isUp()) {
            breakIn(2 + engine.below(20), "connection refused");
        } else if (!isConnected()) {
            breakIn(300 + engine.below(700), "connect timeout");
        } else {
            engine.on(
                    node,
                    simulation.net().orderedMs(Net.CLIENTS, node.id(), Net.LANE_CLIENT),
                    "stream opens",
                    () -> toClient(() -> producer.opened(streamId, CREDIT_BYTES)));
        }
    }

    private boolean isConnected() {
        return simulation.net().isOpen(Net.CLIENTS, node.id());
    }

    /// Given up by the client.
    void close() {
        isOver = true;
    }

    /// The connection breaks, and the client hears of it.
    void breakIn(long delayMs, String why) {
        engine.at(
                delayMs,
                "stream breaks",
                () -> {
                    if (!isOver) {
                        isOver = true;
                        producer.ended(streamId, why);
                    }
                });
    }

    void send(long requestId, int partition, byte[] bytes, int requestBytes) {
        if (!isConnected()) {
            breakIn(200 + engine.below(800), "no answer");
            return;
        }
        if (node.life() != nodeLife) {
            return;
        }
        engine.on(
                node,
                simulation.net().orderedMs(Net.CLIENTS, node.id(), Net.LANE_CLIENT),
                "produce",
                () -> serve(requestId, partition, bytes, requestBytes));
    }

    private void serve(long requestId, int partition, byte[] bytes, int requestBytes) {
        if (isOver && engine.below(2) == 0) {
            return;
        }
        var broker = node.broker();
        var local =
                broker == null || !broker.serves()
                        ? null
                        : broker.storage().local(simulation.partition(partition)).orElse(null);
        if (local == null) {
            answer(requestId, again(false, true, 50), requestBytes);
            return;
        }
        local.produce(
                new ProduceCommand(
                        ByteBuffer.wrap(bytes),
                        Acks.ALL,
                        OptionalInt.empty(),
                        node.monotonicMs() + DEADLINE_MS),
                outcome -> answer(requestId, map(partition, outcome), requestBytes));
    }

    private void answer(
            long requestId, dev.weir.client.core.ProduceOutcome outcome, int requestBytes) {
        if (node.isDying()) {
            return;
        }
        toClient(() -> producer.answered(streamId, requestId, outcome, requestBytes));
    }

    private void toClient(Runnable arrival) {
        if (isOver) {
            return;
        }
        if (!isConnected()) {
            breakIn(200 + engine.below(800), "no answer");
            return;
        }
        engine.at(
                simulation.net().orderedMs(node.id(), Net.CLIENTS, Net.LANE_CLIENT),
                "produce answer",
                () -> {
                    if (!isOver) {
                        arrival.run();
                    }
                });
    }

    private static dev.weir.client.core.ProduceOutcome again(
            boolean isMaybeStored, boolean isWrongNode, long delayMs) {
        return new dev.weir.client.core.ProduceOutcome.Again(
                isMaybeStored, isWrongNode, delayMs, RETRY);
    }

    /// What the wire between them makes of it.
    private dev.weir.client.core.ProduceOutcome map(int partition, ProduceOutcome outcome) {
        return switch (outcome) {
            case ProduceOutcome.Accepted(var receipt) -> {
                if (receipt.duplicate()) {
                    simulation.counters().duplicatesAnswered++;
                }
                yield new dev.weir.client.core.ProduceOutcome.Accepted(
                        new Acknowledgement(
                                receipt.baseOffset(),
                                receipt.leaderEpoch(),
                                receipt.durability().ordinal(),
                                receipt.replicas(),
                                receipt.durableReplicas()));
            }
            case ProduceOutcome.Refused(var hint, var isUnknown) -> {
                if (!isUnknown) {
                    producer.refused(partition, hint.leaderEpoch());
                }
                yield again(isUnknown, !isUnknown, 0);
            }
            case ProduceOutcome.NotEnoughReplicas _ -> again(false, false, 100);
            case ProduceOutcome.Overloaded _, ProduceOutcome.LogDirFull _ ->
                    again(false, false, 50);
            case ProduceOutcome.TimedOut _ -> again(true, false, 0);
            case ProduceOutcome.Closed(var isUnknown) -> again(isUnknown, !isUnknown, 50);
            case ProduceOutcome.LogDirOffline(_, var isUnknown) -> again(isUnknown, true, 50);
            case ProduceOutcome.OutOfOrderSequence _, ProduceOutcome.UnknownProducerId _ ->
                    new dev.weir.client.core.ProduceOutcome.OutOfSequence(REFUSED);
            case ProduceOutcome.ProducerFenced _ ->
                    new dev.weir.client.core.ProduceOutcome.Fenced(REFUSED);
            case ProduceOutcome.CorruptBatch _,
                    ProduceOutcome.BatchTooLarge _,
                    ProduceOutcome.InvalidTimestamp _ -> {
                simulation.checker().fail("A1", "a sound batch was refused: " + outcome);
                yield new dev.weir.client.core.ProduceOutcome.Refused(REFUSED);
            }
        };
    }
}
