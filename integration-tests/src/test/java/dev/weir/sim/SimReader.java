// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.client.core.ReadCursor;
import dev.weir.record.RecordBatches;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A reader of one partition: fetches from whom it believes to lead, names the highest leader epoch
/// that it has seen, and asks for the latest offset in between.
final class SimReader {

    private static final int TIMEOUT_MS = 1_500;

    private final Simulation simulation;
    private final Engine engine;
    private final int partition;
    private final int paceMs;
    private ReadCursor cursor = new ReadCursor();
    private int epochSeen = -1;
    private long latestSeen;
    private int believed = 1;
    private long question;

    SimReader(Simulation simulation, int partition, int paceMs) {
        this.simulation = simulation;
        this.engine = simulation.engine();
        this.partition = partition;
        this.paceMs = paceMs;
        fromStart();
    }

    private void fromStart() {
        cursor = new ReadCursor();
        cursor.onAnswer(0, -1, OptionalLong.of(0));
    }

    void start() {
        engine.at(engine.below(1_000), "reader", this::ask);
    }

    int partition() {
        return partition;
    }

    /// Next offset to be read.
    long position() {
        return cursor.position().orElse(0);
    }

    private void ask() {
        long number = ++question;
        simulation.counters().clientOperations++;
        if (engine.below(12) == 0) {
            believed = 1 + engine.below(simulation.plan().nodes());
        }
        if (simulation.net().isFaulty() && engine.below(40) == 0) {
            fromStart();
        }
        var node = simulation.node(believed);
        var isLatest = engine.below(3) == 0;
        simulation.ask(
                node,
                isLatest ? "list offsets" : "fetch",
                broker ->
                        broker.storage()
                                .local(simulation.partition(partition))
                                .ifPresentOrElse(
                                        local -> serve(node, local, isLatest, number),
                                        () -> moveOn(node, number)));
        engine.at(
                TIMEOUT_MS,
                "reader timeout",
                () -> {
                    if (question == number) {
                        believed = 1 + engine.below(simulation.plan().nodes());
                        ask();
                    }
                });
    }

    private void moveOn(SimNode node, long number) {
        simulation.answer(node, "not here", () -> next(number, true));
    }

    private void next(long number, boolean isWrongNode) {
        if (question != number) {
            return;
        }
        if (isWrongNode) {
            believed = simulation.anyLeader(partition, believed);
        }
        question++;
        var pace = simulation.net().isFaulty() ? paceMs : 10;
        engine.at(1 + engine.below(2 * pace), "reader", this::ask);
    }

    private void serve(SimNode node, LocalPartition local, boolean isLatest, long number) {
        if (engine.below(16) == 0) {
            askFromTheFuture(node, local);
        }
        var epoch = epochSeen < 0 ? OptionalInt.empty() : OptionalInt.of(epochSeen);
        if (isLatest) {
            local.listOffsets(
                    new OffsetQuestion.Latest(),
                    epoch,
                    outcome ->
                            simulation.answer(node, "latest", () -> latest(node, outcome, number)));
        } else {
            var waits = engine.below(2) == 0;
            local.fetch(
                    new FetchCommand(position(), 2_000, epoch, waits),
                    outcome -> fetched(node, outcome, number));
        }
    }

    /// Whoever knows a newer leader epoch is sent away.
    private void askFromTheFuture(SimNode node, LocalPartition local) {
        var future = OptionalInt.of(local.status().leaderEpoch() + 1);
        local.listOffsets(
                new OffsetQuestion.Latest(),
                future,
                outcome -> {
                    simulation.counters().staleEpochRefused++;
                    if (outcome instanceof ListOffsetsOutcome.Found) {
                        simulation
                                .checker()
                                .fail("E", "node " + node.id() + " answers as a newer leader");
                    }
                });
    }

    private void latest(SimNode node, ListOffsetsOutcome outcome, long number) {
        if (question != number) {
            return;
        }
        if (outcome instanceof ListOffsetsOutcome.Found found) {
            simulation.counters().reads++;
            if (found.highWatermark() < latestSeen) {
                simulation
                        .checker()
                        .fail(
                                "C",
                                "latest offset of partition "
                                        + partition
                                        + " fell from "
                                        + latestSeen
                                        + " to "
                                        + found.highWatermark()
                                        + " at node "
                                        + node.id());
            }
            latestSeen = found.highWatermark();
            epochSeen = Math.max(epochSeen, found.leaderEpoch());
        }
        next(number, outcome instanceof ListOffsetsOutcome.Refused);
    }

    /// On the node: the bytes are copied and given back, then sent.
    private void fetched(SimNode node, FetchOutcome outcome, long number) {
        switch (outcome) {
            case FetchOutcome.Data(var slice, var highWatermark, _, var epoch) -> {
                var source = slice.buffer();
                var bytes = new byte[source.remaining()];
                source.get(bytes);
                slice.release();
                simulation.answer(
                        node, "data", () -> data(node, bytes, highWatermark, epoch, number));
            }
            case FetchOutcome.OffsetOutOfRange range ->
                    simulation.answer(
                            node,
                            "out of range",
                            () -> {
                                if (question == number) {
                                    simulation
                                            .checker()
                                            .fail("D", "node " + node.id() + " answers " + range);
                                }
                            });
            case FetchOutcome.Corrupt corrupt ->
                    simulation.checker().fail("I", "node " + node.id() + " answers " + corrupt);
            case FetchOutcome.Refused _, FetchOutcome.Closed _, FetchOutcome.LogDirOffline _ ->
                    moveOn(node, number);
            case FetchOutcome.Overloaded _ ->
                    simulation.answer(node, "overloaded", () -> next(number, false));
        }
    }

    private void data(SimNode node, byte[] bytes, long highWatermark, int epoch, long number) {
        if (question != number) {
            return;
        }
        simulation.counters().reads++;
        epochSeen = Math.max(epochSeen, epoch);
        cursor.onAnswer(highWatermark, epoch, OptionalLong.empty());
        for (var batch : RecordBatches.in(ByteBuffer.wrap(bytes))) {
            simulation.checker().read(partition, node, batch);
            if (batch.nextOffset() > highWatermark) {
                simulation.checker().fail("D", "read beyond the high watermark " + highWatermark);
            }
            if (cursor.onBatch(batch) == ReadCursor.Verdict.CORRUPT) {
                simulation.checker().fail("I", "a corrupt batch was read from " + node.id());
            }
        }
        next(number, false);
    }
}
