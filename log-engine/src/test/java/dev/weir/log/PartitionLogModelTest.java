// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.disk.Disk;
import dev.weir.log.disk.RealDisk;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;
import dev.weir.record.RecordBatch;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Random operations on a log and on an array of batches: both must always hold the same, and after
/// a crash the log must hold a beginning of the array that reaches at least to the durable end.
class PartitionLogModelTest {

    private static final int STEPS = 400;

    @TempDir Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 20, 30})
    void holdsWhatAPlainListHoldsAcrossPowerLosses(int firstSeed) {
        for (var seed = firstSeed; seed < firstSeed + 10; seed++) {
            new Run(seed, LogFixture.formatted(new SimulatedDisk(), Path.of("/data"))).play(STEPS);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002})
    void holdsWhatAPlainListHoldsAcrossRestartsOnARealDisk(int seed) {
        new Run(seed, LogFixture.formatted(new RealDisk(), temporary.resolve("data"))).play(STEPS);
    }

    private static final class Run {

        private final int seed;
        private final SplittableRandom random;
        private LogFixture fixture;
        private LogDirectory directory;
        private PartitionLog log;
        private List<ByteBuffer> model = new ArrayList<>();
        private long start;
        private long end;
        private long durable;
        private int epoch;
        private int appended;
        private List<FlushTicket> tickets = new ArrayList<>();
        private final List<String> history = new ArrayList<>();

        Run(int seed, LogFixture fixture) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            this.fixture = fixture;
            this.directory = fixture.open();
            this.log = LogFixture.log(directory);
        }

        void play(int steps) {
            try {
                for (var step = 0; step < steps; step++) {
                    step(random.nextInt(100));
                    check();
                }
            } catch (RuntimeException | AssertionError e) {
                var last = history.subList(Math.max(0, history.size() - 30), history.size());
                throw new AssertionError("seed " + seed + ": " + last, e);
            }
        }

        private void step(int kind) {
            if (kind < 50) {
                append();
            } else if (kind < 60) {
                beginFlush();
            } else if (kind < 75) {
                completeFlush();
            } else if (kind < 80) {
                epoch++;
            } else if (kind < 84) {
                truncate();
            } else if (kind < 85) {
                reset();
            } else if (kind < 90) {
                directory.checkpoint();
                history.add("checkpoint");
            } else if (kind < 95) {
                crash();
            } else if (kind < 97) {
                reopen();
            } else {
                readSome();
            }
        }

        private void append() {
            var count = 1 + random.nextInt(3);
            var batches = new ArrayList<ByteBuffer>();
            for (var i = 0; i < count; i++) {
                batches.add(LogFixture.batch("v" + appended++, 1 + random.nextInt(8)));
            }
            var result = log.append(batches, epoch, 1_000);
            history.add("append " + end + ".." + result.endOffset());
            assertThat(result.baseOffset()).isEqualTo(end);
            batches.forEach(batch -> model.add(LogFixture.copy(batch)));
            end = result.endOffset();
        }

        private void beginFlush() {
            log.beginFlush()
                    .ifPresent(
                            ticket -> {
                                history.add("begin " + ticket.endOffset());
                                tickets.add(ticket);
                            });
        }

        private void completeFlush() {
            if (tickets.isEmpty()) {
                return;
            }
            var ticket = tickets.removeFirst();
            ticket.run();
            var result = log.complete(ticket);
            history.add("complete " + result);
            if (result instanceof FlushResult.Durable(var to)) {
                durable = to;
            }
        }

        private void truncate() {
            var at = start + random.nextLong(end - start + 1);
            var cut = log.truncateTo(at);
            history.add("truncate " + at + " to " + cut);
            assertThat(cut).isLessThanOrEqualTo(at);
            model.removeIf(batch -> RecordBatch.at(batch, 0).nextOffset() > at);
            var expected = start;
            if (!model.isEmpty()) {
                expected = RecordBatch.at(model.getLast(), 0).nextOffset();
            }
            assertThat(cut).isEqualTo(expected);
            end = cut;
            durable = Math.min(durable, cut);
        }

        private void reset() {
            start = end + random.nextInt(50);
            end = start;
            durable = start;
            log.resetTo(start, LeaderEpochHistory.empty(), new ProducerStates(10, start));
            history.add("reset " + start);
            model = new ArrayList<>();
        }

        private void crash() {
            Disk after = fixture.disk();
            if (after instanceof SimulatedDisk simulated && random.nextInt(3) > 0) {
                after = simulated.crashed(CrashPolicy.random(random.nextLong()));
            } else {
                directory.close();
            }
            history.add("crash, durable " + durable);
            tickets = new ArrayList<>();
            fixture = fixture.on(after);
            directory = fixture.open();
            log = LogFixture.log(directory);
            history.add("recovered " + log.recovery());
            assertThat(log.logEndOffset()).isBetween(durable, end);
            end = log.logEndOffset();
            durable = end;
            model.removeIf(batch -> RecordBatch.at(batch, 0).baseOffset() >= end);
        }

        private void reopen() {
            tickets.forEach(
                    ticket -> {
                        ticket.run();
                        var _ = log.complete(ticket);
                    });
            tickets = new ArrayList<>();
            log.close();
            directory.close();
            directory = fixture.open();
            log = LogFixture.log(directory);
            durable = end;
            history.add("reopen " + log.recovery());
            assertThat(log.recovery().scannedBytes()).isZero();
        }

        private void readSome() {
            if (end > start) {
                var from = start + random.nextLong(end - start);
                var read = LogFixture.batches(log, from, 1 + random.nextInt(2_000));
                var expected =
                        model.stream()
                                .filter(batch -> RecordBatch.at(batch, 0).nextOffset() > from)
                                .toList();
                assertThat(read).isEqualTo(expected);
            }
        }

        private void check() {
            assertThat(log.logStartOffset()).isEqualTo(start);
            assertThat(log.logEndOffset()).isEqualTo(end);
            assertThat(log.durableEndOffset()).isEqualTo(durable);
            assertThat(log.failure()).isEmpty();
            assertThat(log.producers().mapEndOffset()).isEqualTo(end);
            assertThat(log.sizeBytes())
                    .isEqualTo(model.stream().mapToLong(ByteBuffer::remaining).sum());
            if (random.nextInt(10) == 0) {
                assertThat(LogFixture.batches(log, start, 700)).isEqualTo(model);
            }
        }
    }
}
