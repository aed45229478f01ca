// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.LogModel.Expectation;
import dev.weir.log.NumberedRecords.Label;
import dev.weir.log.epoch.LeaderEpochHistory.EpochEnd;
import dev.weir.log.producer.SequenceCheck;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Power is lost after every single disk operation of a scripted run. Whatever subset of unsynced
/// sectors, sizes and directory entries survives, recovery finds all that was reported durable,
/// nothing else than what was appended, and nothing that a completed cut removed; what it keeps
/// stays, whenever power is lost again.
class CrashPointTest {

    private static final int STEPS = 220;
    private static final int OPERATIONS_MIN = 500;
    private static final int RANDOM_POLICIES = 4;
    private static final int SECOND_CRASH_EVERY = 101;

    private long operations;
    private long cases;
    private long secondCrashes;

    private LogConfig config = CrashScript.SMALL_SEGMENTS;

    @Test
    void keepsWhatWasFlushedInventsNothingAndBringsNothingBack() {
        var small = crashEverywhere(CrashScript.SMALL_SEGMENTS, 1);
        var alsoSmall = crashEverywhere(CrashScript.SMALL_SEGMENTS, 2);
        var large = crashEverywhere(CrashScript.MANY_ENTRIES, 3);
        assertThat(small.cutsAcrossSegments + alsoSmall.cutsAcrossSegments)
                .as("cuts across several segments")
                .isGreaterThan(5);
        assertThat(small.cutsAtSegmentBase + alsoSmall.cutsAtSegmentBase)
                .as("cuts at a segment's base")
                .isGreaterThan(5);
        assertThat(large.cutsInsideSegment).as("cuts inside a large segment").isGreaterThan(5);
        System.out.printf(
                "crash points: %d disk operations, %d recoveries, %d crashes in a recovery%n",
                operations, cases, secondCrashes);
    }

    private CrashScript crashEverywhere(LogConfig logConfig, long seed) {
        config = logConfig;
        var disk = new SimulatedDisk();
        CrashScript.format(disk);
        var formatted = disk.operations();
        var script = new CrashScript(disk, config, seed);
        var ends = new HashMap<Path, Long>();
        disk.observe(
                operation -> {
                    refuseToWriteTwice(operation, ends);
                    crash(disk, script, operation, seed);
                });
        for (var step = 0; step < STEPS; step++) {
            script.step();
        }
        script.close();
        var ran = disk.operations() - formatted;
        assertThat(ran).as("operations").isGreaterThanOrEqualTo(OPERATIONS_MIN);
        assertThat(script.supersededFlushes).as("flushes superseded").isPositive();
        assertThat(script.rolls).as("rolls").isGreaterThan(10);
        assertThat(script.restarts).as("restarts").isPositive();
        assertThat(script.resets).as("resets").isPositive();
        operations += ran;
        return script;
    }

    /// No byte of a segment is written twice, whatever happened in between: a reader or a socket
    /// may still hold it.
    private static void refuseToWriteTwice(DiskOperation operation, Map<Path, Long> ends) {
        var path = operation.path();
        switch (operation.kind()) {
            case CREATE, RENAME, DELETE -> ends.remove(path);
            case WRITE -> {
                if (path.toString().endsWith(".log")) {
                    assertThat(operation.position())
                            .as(operation.toString())
                            .isGreaterThanOrEqualTo(ends.getOrDefault(path, 0L));
                    ends.put(path, operation.position() + operation.bytes());
                }
            }
            case ALLOCATE, FLUSH, TRIM, CREATE_DIRECTORY, SYNC_DIRECTORY -> {}
        }
    }

    private PartitionLog openLog(LogDirectory directory) {
        return CrashScript.openLog(directory, config);
    }

    private void crash(SimulatedDisk disk, CrashScript script, DiskOperation operation, long seed) {
        var expectation = script.model.expectation();
        var policies = new ArrayList<CrashPolicy>();
        policies.add(CrashPolicy.all());
        policies.add(CrashPolicy.none());
        policies.add(CrashPolicy.onlyMetadata());
        for (var i = 0; i < RANDOM_POLICIES; i++) {
            policies.add(CrashPolicy.random(operation.number() * RANDOM_POLICIES + i));
        }
        for (var policy : policies) {
            try {
                recover(disk, policy, expectation, operation.number() + policies.indexOf(policy));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "script seed %d, crash after %s, %s, log from %d, durable to %d: %s"
                                .formatted(
                                        seed,
                                        operation,
                                        policy,
                                        expectation.start(),
                                        expectation.mandatoryEnd(),
                                        e),
                        e);
            }
        }
    }

    private void recover(
            SimulatedDisk disk, CrashPolicy policy, Expectation expectation, long number) {
        cases++;
        var crashed = crash(disk, policy);
        if (number % SECOND_CRASH_EVERY == 0) {
            crashDuringRecovery(disk, policy, expectation);
        }
        var directory = CrashScript.openDirectory(crashed);
        var log = openLog(directory);
        var exact = check(log, expectation);

        // All that was kept is durable when open returned.
        checkKept(crashed.crashed(CrashPolicy.none()), exact);

        appendAndCrash(crashed, log, exact, number);
    }

    /// Where everything survives, it is still unsynced: only the process died. Recovery has to sync
    /// what it keeps.
    private static SimulatedDisk crash(SimulatedDisk disk, CrashPolicy policy) {
        return policy.equals(CrashPolicy.all()) ? disk.restarted() : disk.crashed(policy);
    }

    /// Judges a recovered log.
    ///
    /// @return what it holds, from now on for good
    private static Expectation check(PartitionLog log, Expectation expectation) {
        var start = log.logStartOffset();
        var kept = NumberedRecords.readAll(log);
        expectation.check(start, kept);
        assertThat(log.logEndOffset()).isEqualTo(start + kept.size());
        assertThat(log.durableEndOffset()).isEqualTo(start + kept.size());
        checkEpochs(log, kept);
        if (expectation.producerKnown()) {
            checkSequences(log, kept, expectation);
        }
        return expectation.exactly(start, kept);
    }

    private static void checkEpochs(PartitionLog log, List<Label> kept) {
        if (kept.isEmpty()) {
            return;
        }
        assertThat(log.latestEpoch()).isEqualTo(kept.getLast().leaderEpoch());
        for (var i = 1; i <= kept.size(); i++) {
            var epoch = kept.get(i - 1).leaderEpoch();
            if (i == kept.size() || kept.get(i).leaderEpoch() != epoch) {
                assertThat(log.epochs().endOffsetFor(epoch, log.logEndOffset()))
                        .hasValue(new EpochEnd(epoch, log.logStartOffset() + i));
            }
        }
    }

    /// Each version of the log has a producer of its own, who numbers its records by offset: the
    /// last one goes on at the end, and those whose records are all gone were never there.
    private static void checkSequences(PartitionLog log, List<Label> kept, Expectation expected) {
        var end = (int) log.logEndOffset();
        if (end == 0) {
            return;
        }
        var versions = kept.stream().map(Label::version).collect(Collectors.toSet());
        var last = kept.isEmpty() ? expected.resetVersion() : kept.getLast().version();
        assertThat(sequence(log, last, end)).isEqualTo(new SequenceCheck.InOrder());
        assertThat(sequence(log, last, end + 1)).isEqualTo(new SequenceCheck.OutOfOrder(end));
        for (var version = 0; version < expected.versions(); version++) {
            if (!versions.contains(version) && version != expected.resetVersion()) {
                assertThat(sequence(log, version, end))
                        .as("producer %d", version)
                        .isEqualTo(new SequenceCheck.UnknownProducer());
            }
        }
    }

    private static SequenceCheck sequence(PartitionLog log, int producerId, int baseSequence) {
        return log.producers()
                .check(
                        producerId,
                        NumberedRecords.PRODUCER_EPOCH,
                        baseSequence,
                        1,
                        CrashScript.NOW_MS);
    }

    private void checkKept(SimulatedDisk disk, Expectation exact) {
        var directory = CrashScript.openDirectory(disk);
        var log = openLog(directory);
        check(log, exact);
        log.close();
        directory.close();
    }

    /// The recovered log takes appends of the same size where lost ones may lie; power is lost
    /// again after the flush.
    private void appendAndCrash(
            SimulatedDisk disk, PartitionLog log, Expectation exact, long number) {
        var model = LogModel.recovered(exact);
        for (var i = 0; i < 2; i++) {
            log.append(
                    NumberedRecords.batch(model.beginAppend(1)),
                    model.leaderEpoch(),
                    CrashScript.NOW_MS);
        }
        var ticket = log.beginFlush().orElseThrow();
        ticket.run();
        assertThat(log.complete(ticket)).isEqualTo(new FlushResult.Durable(model.end()));
        model.durable(model.end());
        log.append(
                NumberedRecords.batch(model.beginAppend(1)),
                model.leaderEpoch(),
                CrashScript.NOW_MS);
        var policy = number % 2 == 0 ? CrashPolicy.none() : CrashPolicy.random(number);
        var again = CrashScript.openDirectory(disk.crashed(policy));
        check(openLog(again), model.expectation());
    }

    /// Loses power again after each operation of the recovery itself.
    private void crashDuringRecovery(
            SimulatedDisk disk, CrashPolicy policy, Expectation expectation) {
        var crashed = crash(disk, policy);
        crashed.observe(
                operation -> {
                    for (var second :
                            List.of(
                                    CrashPolicy.none(),
                                    CrashPolicy.random(operation.number()),
                                    CrashPolicy.random(-operation.number()))) {
                        secondCrashes++;
                        var twice = crashed.crashed(second);
                        var exact = check(openLog(CrashScript.openDirectory(twice)), expectation);
                        checkKept(twice.crashed(CrashPolicy.none()), exact);
                    }
                });
        openLog(CrashScript.openDirectory(crashed));
    }
}
