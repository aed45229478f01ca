// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Random interleavings of produces, retries, flushes, ticks, settings, reads and power losses
/// against a plain model: offset → value of everything that was ever acknowledged at `fsync` or
/// ever shown to a reader.
class PartitionPowerLossTest {

    private static final int STEPS = 400;
    private static final long PRODUCER_ID = 7;

    /// What is promised, over all lives of the partition.
    private final TreeMap<Long, String> acknowledged = new TreeMap<>();

    private final TreeMap<Long, String> shown = new TreeMap<>();

    /// Sequence → value and, once acknowledged, offset.
    private final Map<Integer, String> sent = new HashMap<>();

    private final Map<Integer, Long> offsets = new HashMap<>();

    private SplittableRandom random = new SplittableRandom(0);
    private PartitionFixture fixture = PartitionFixture.leading();
    private Durability durability = Durability.FSYNC;
    private int epoch = 1;
    private int nextSequence;
    private int losses;
    private boolean weakened;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whatWasAcknowledgedIsThereAfterEveryPowerLoss(long seed) {
        random = new SplittableRandom(seed);
        for (var step = 0; step < STEPS; step++) {
            try {
                act();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", step " + step, e);
            }
        }
        powerLoss(CrashPolicy.none());
        assertThat(acknowledged).as("seed %d acknowledged nothing", seed).isNotEmpty();
        assertThat(losses).as("seed %d lost no power", seed).isPositive();
    }

    private void act() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> produceNext();
            case 6, 7 -> produceAgain();
            case 8, 9, 10, 11 -> {
                if (!fixture.flushes.isEmpty()) {
                    fixture.runFlush();
                }
            }
            case 12, 13 -> fixture.runWorkers();
            case 14 -> fixture.tick();
            case 15, 16 -> readAll();
            case 17 -> {
                // Only now and then: a level below fsync takes the promise away.
                if (random.nextInt(6) == 0) {
                    changeDurability();
                }
            }
            case 18 -> fixture.settle();
            default -> {
                if (random.nextInt(4) == 0) {
                    powerLoss(CrashPolicy.random(random.nextLong()));
                }
            }
        }
        var status = fixture.partition.status();
        assertThat(status.highWatermark()).isLessThanOrEqualTo(status.logEndOffset());
        assertThat(status.offlineReason()).isEmpty();
    }

    /// The producer's next batch; five at most are unanswered.
    private void produceNext() {
        if (nextSequence - answeredTo() >= 5) {
            return;
        }
        var sequence = nextSequence++;
        sent.put(sequence, "v" + sequence + "." + "x".repeat(random.nextInt(600)));
        send(sequence);
    }

    /// A retry of something that is not answered, or was answered lately.
    private void produceAgain() {
        if (nextSequence > 0) {
            send(Math.max(0, nextSequence - 1 - random.nextInt(5)));
        }
    }

    private int answeredTo() {
        var sequence = 0;
        while (offsets.containsKey(sequence)) {
            sequence++;
        }
        return sequence;
    }

    private void send(int sequence) {
        var value = sent.get(sequence);
        var current = fixture;
        fixture.partition.produce(
                Batches.command(Batches.sequenced(PRODUCER_ID, 0, sequence, value), Acks.ALL),
                outcome -> onOutcome(current, sequence, outcome));
    }

    private void onOutcome(PartitionFixture from, int sequence, ProduceOutcome outcome) {
        assertThat(from).as("answered by a machine that is off").isSameAs(fixture);
        switch (outcome) {
            case ProduceOutcome.Accepted(var receipt) -> {
                var known = offsets.putIfAbsent(sequence, receipt.baseOffset());
                if (known != null) {
                    assertThat(receipt.baseOffset()).as("sequence %d", sequence).isEqualTo(known);
                }
                if (receipt.durability() == Durability.FSYNC) {
                    acknowledged.put(receipt.baseOffset(), sent.get(sequence));
                }
            }
            // A batch that the log lost before it was acknowledged leaves a gap for those behind.
            case ProduceOutcome.OutOfOrderSequence _, ProduceOutcome.UnknownProducerId _ -> {}
            case ProduceOutcome refused -> throw new AssertionError("refused: " + refused);
        }
    }

    private void readAll() {
        long offset = 0;
        for (var value : fixture.read(0)) {
            assertThat(offset).isLessThan(fixture.partition.status().highWatermark());
            var before = shown.put(offset, value);
            if (before != null) {
                assertThat(value).as("offset %d changed", offset).isEqualTo(before);
            }
            offset++;
        }
        check(acknowledged, offset);
    }

    private void check(TreeMap<Long, String> promised, long end) {
        promised.forEach(
                (offset, value) -> {
                    assertThat(offset).as("acknowledged, not shown").isLessThan(end);
                    assertThat(shown.get(offset)).as("offset %d", offset).isEqualTo(value);
                });
    }

    private void changeDurability() {
        var before = fixture.partition.status().highWatermark();
        durability = durability == Durability.FSYNC ? Durability.REPLICATED : Durability.FSYNC;
        weakened |= durability == Durability.REPLICATED;
        fixture.lead(epoch, durability);
        assertThat(fixture.partition.status().highWatermark()).isGreaterThanOrEqualTo(before);
    }

    /// The machine goes off and comes back with what the policy leaves of all that was not synced.
    private void powerLoss(CrashPolicy policy) {
        losses++;
        SimulatedDisk disk = fixture.disk.crashed(policy);
        epoch++;
        fixture = new PartitionFixture(disk);
        fixture.lead(epoch, durability);
        var end = fixture.partition.status().logEndOffset();
        assertThat(fixture.partition.status().highWatermark()).isEqualTo(end);
        for (var promised : acknowledged.entrySet()) {
            assertThat(promised.getKey()).as("acknowledged, lost").isLessThan(end);
        }
        if (weakened) {
            // What was only replicated may be gone: the one copy lost its power.
            shown.tailMap(end, true).clear();
            offsets.values().removeIf(offset -> offset >= end);
        } else if (!shown.isEmpty()) {
            assertThat(shown.lastKey()).as("shown, lost").isLessThan(end);
        }
        readAll();
        resend();
        weakened = durability == Durability.REPLICATED;
    }

    /// The producer sends what was not acknowledged again, in order.
    private void resend() {
        List<Integer> unanswered = new ArrayList<>();
        for (var sequence = 0; sequence < nextSequence; sequence++) {
            if (!offsets.containsKey(sequence)) {
                unanswered.add(sequence);
            }
        }
        for (var sequence : unanswered) {
            send(sequence);
            fixture.settle();
        }
        assertThat(offsets.keySet()).as("all resent ones are answered").containsAll(unanswered);
    }
}
