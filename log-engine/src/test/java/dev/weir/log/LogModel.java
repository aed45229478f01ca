// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.NumberedRecords.Label;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// What one log has been told, and what it has reported: enough to judge what a crash may leave.
final class LogModel {

    private static final long NO_RESET = -1;

    private final List<Label> labels = new ArrayList<>();
    private final TreeSet<Long> batchBases = new TreeSet<>();
    private long start;
    private long durableEnd;
    private long cutUnderWay = Long.MAX_VALUE;
    private long resetUnderWay = NO_RESET;
    private int version;
    private int resetVersion = -1;
    private boolean producerKnown = true;
    private int leaderEpoch;

    /// What a crash now may leave.
    ///
    /// @param start offset of the first record
    /// @param mandatoryEnd records below it were reported durable and not removed
    /// @param allowed the log from its start; any of its prefixes that reaches the mandatory end
    /// @param resetTo the log may also be empty and begin here; -1 if no reset is under way
    /// @param versions how many versions of records there were
    /// @param resetVersion the producer that the last reset told of; -1 for none
    /// @param producerKnown whether the producers' states belong to the log: not in a reset
    record Expectation(
            long start,
            long mandatoryEnd,
            List<Label> allowed,
            long resetTo,
            int versions,
            int resetVersion,
            boolean producerKnown) {

        /// The log as it was kept once, which must not change any more.
        Expectation exactly(long logStart, List<Label> kept) {
            return new Expectation(
                    logStart,
                    logStart + kept.size(),
                    kept,
                    NO_RESET,
                    versions,
                    resetVersion,
                    producerKnown);
        }

        /// Judges what a recovery kept.
        void check(long logStart, List<Label> kept) {
            if (resetTo != NO_RESET && logStart == resetTo && kept.isEmpty()) {
                return;
            }
            assertThat(logStart).as("log start").isEqualTo(start);
            assertThat(start + kept.size())
                    .as("end of what was kept")
                    .isBetween(mandatoryEnd, start + allowed.size());
            assertThat(kept).isEqualTo(allowed.subList(0, kept.size()));
        }
    }

    Expectation expectation() {
        var mandatoryEnd = resetUnderWay == NO_RESET ? Math.min(durableEnd, cutUnderWay) : start;
        return new Expectation(
                start,
                mandatoryEnd,
                List.copyOf(labels),
                resetUnderWay,
                version + 1,
                resetVersion,
                producerKnown && resetUnderWay == NO_RESET);
    }

    long start() {
        return start;
    }

    int version() {
        return version;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    long end() {
        return start + labels.size();
    }

    long durableEnd() {
        return durableEnd;
    }

    void nextEpoch() {
        leaderEpoch++;
    }

    /// Notes a batch that is about to be appended.
    List<Label> beginAppend(int recordCount) {
        batchBases.add(end());
        var batch = new ArrayList<Label>();
        for (var i = 0; i < recordCount; i++) {
            var label = new Label(end(), leaderEpoch, version);
            labels.add(label);
            batch.add(label);
        }
        return batch;
    }

    /// Forgets what an append that failed would have appended.
    void abortAppend(long end) {
        labels.subList((int) (end - start), labels.size()).clear();
        batchBases.tailSet(end).clear();
    }

    void durable(long end) {
        durableEnd = end;
    }

    /// Notes a cut that is about to be made, and says where the log will end: batches go as a
    /// whole.
    long beginCut(long offset) {
        if (offset < end()) {
            cutUnderWay = batchBases.floor(offset);
            return cutUnderWay;
        }
        return end();
    }

    void endCut() {
        if (cutUnderWay < end()) {
            labels.subList((int) (cutUnderWay - start), labels.size()).clear();
            batchBases.tailSet(cutUnderWay).clear();
            durableEnd = Math.min(durableEnd, cutUnderWay);
            version++;
            leaderEpoch++;
        }
        cutUnderWay = Long.MAX_VALUE;
    }

    /// Notes that the log is about to be emptied and begun anew at an offset.
    void beginReset(long offset) {
        resetUnderWay = offset;
    }

    void endReset() {
        labels.clear();
        batchBases.clear();
        start = resetUnderWay;
        durableEnd = start;
        resetUnderWay = NO_RESET;
        resetVersion = version;
        version++;
        leaderEpoch++;
    }

    /// A log that was recovered: what it kept is all there is, and durable.
    static LogModel recovered(Expectation exact) {
        var model = new LogModel();
        model.start = exact.start();
        model.labels.addAll(exact.allowed());
        model.durableEnd = exact.mandatoryEnd();
        model.version = exact.versions();
        model.resetVersion = exact.resetVersion();
        model.producerKnown = exact.producerKnown();
        model.leaderEpoch = 1_000_000;
        return model;
    }
}
