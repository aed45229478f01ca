// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.leading;
import static dev.weir.broker.partition.core.ReplicaHarness.sequenced;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

class IdempotenceTest {

    private static final long PID = 7;

    private final ReplicaHarness replica = leading();

    @Test
    void aDuplicateIsAnsweredWithTheFirstOffsetAndAppendsNothing() {
        replica.produce("a", sequenced(PID, 0, 0, 3), Acks.ALL);
        replica.produce("b", sequenced(PID, 0, 3, 1), Acks.ALL);
        replica.flush();

        replica.produce("again", sequenced(PID, 0, 0, 3), Acks.ALL);

        assertThat(replica.receipt("again").baseOffset()).isZero();
        assertThat(replica.receipt("again").duplicate()).isTrue();
        assertThat(replica.receipt("a").duplicate()).isFalse();
        assertThat(replica.appends).hasSize(2);
    }

    @Test
    void aDuplicateIsNotAnsweredBeforeTheHighWatermarkHasPassedTheBatch() {
        replica.produce("a", sequenced(PID, 0, 0, 3), Acks.ALL);

        replica.produce("again", sequenced(PID, 0, 0, 3), Acks.ALL);

        assertThat(replica.answers).isEmpty();
        replica.flush();
        assertThat(replica.receipt("again").durability()).isEqualTo(Durability.FSYNC);
        assertThat(replica.receipt("a").baseOffset()).isZero();
    }

    @Test
    void aDuplicateOfABatchThatIsNotYetWrittenIsRecognised() {
        replica.holdAppends = true;
        replica.produce("a", sequenced(PID, 0, 0, 3), Acks.LEADER);

        replica.produce("again", sequenced(PID, 0, 0, 3), Acks.LEADER);
        replica.produce("b", sequenced(PID, 0, 3, 1), Acks.LEADER);

        assertThat(replica.answers).isEmpty();
        replica.completeAppends();
        assertThat(replica.receipt("again").baseOffset()).isZero();
        assertThat(replica.receipt("again").duplicate()).isTrue();
        assertThat(replica.receipt("b").baseOffset()).isEqualTo(3);
        assertThat(replica.appends).hasSize(2);
    }

    @Test
    void aDuplicateOfABatchThatFoundNoSpaceIsRefusedWithIt() {
        replica.holdAppends = true;
        replica.produce("a", sequenced(PID, 0, 0, 3), Acks.ALL);
        replica.produce("again", sequenced(PID, 0, 0, 3), Acks.ALL);

        replica.step(new ReplicaEvent.AppendRefused());

        assertThat(replica.answer("again")).contains(new ProduceOutcome.LogDirFull());
        replica.holdAppends = false;
        replica.appends.clear();
        replica.produce("retry", sequenced(PID, 0, 0, 3), Acks.LEADER);
        assertThat(replica.receipt("retry").duplicate()).isFalse();
    }

    @Test
    void refusesAGapAlsoInTheFirstBatchAndAlsoBehindAnUnwrittenOne() {
        replica.produce("first", sequenced(PID, 0, 1, 1), Acks.ALL);
        assertThat(replica.answer("first")).contains(new ProduceOutcome.UnknownProducerId(PID));

        replica.holdAppends = true;
        replica.produce("a", sequenced(PID, 0, 0, 1), Acks.ALL);
        replica.produce("gap", sequenced(PID, 0, 2, 1), Acks.ALL);

        assertThat(replica.answer("gap"))
                .contains(new ProduceOutcome.OutOfOrderSequence(PID, 1, 2));
        replica.completeAppends();
        replica.produce("gap2", sequenced(PID, 0, 5, 1), Acks.ALL);
        assertThat(replica.answer("gap2"))
                .contains(new ProduceOutcome.OutOfOrderSequence(PID, 1, 5));
    }

    @Test
    void refusesAnOlderEpochAndLetsANewerOneBeginAtZero() {
        replica.produce("a", sequenced(PID, 3, 0, 1), Acks.LEADER);

        replica.produce("old", sequenced(PID, 2, 1, 1), Acks.LEADER);
        replica.produce("gap", sequenced(PID, 4, 1, 1), Acks.LEADER);
        replica.produce("new", sequenced(PID, 4, 0, 1), Acks.LEADER);
        replica.produce("fenced", sequenced(PID, 3, 1, 1), Acks.LEADER);

        assertThat(replica.answer("old")).contains(new ProduceOutcome.ProducerFenced(PID, 3, 2));
        assertThat(replica.answer("gap"))
                .contains(new ProduceOutcome.OutOfOrderSequence(PID, 0, 1));
        assertThat(replica.receipt("new").baseOffset()).isEqualTo(1);
        assertThat(replica.answer("fenced")).contains(new ProduceOutcome.ProducerFenced(PID, 4, 3));
    }

    @Test
    void aNewerEpochFencesTheOlderBeforeItsBatchIsWritten() {
        replica.holdAppends = true;
        replica.produce("new", sequenced(PID, 4, 0, 1), Acks.LEADER);

        replica.produce("old", sequenced(PID, 3, 0, 1), Acks.LEADER);
        replica.produce("gap", sequenced(PID, 5, 1, 1), Acks.LEADER);

        assertThat(replica.answer("old")).contains(new ProduceOutcome.ProducerFenced(PID, 4, 3));
        assertThat(replica.answer("gap"))
                .contains(new ProduceOutcome.OutOfOrderSequence(PID, 0, 1));
    }

    @Test
    void anIdleProducerIsForgottenAfterADayAndMustTakeANewEpoch() {
        replica.produce("a", sequenced(PID, 0, 0, 1), Acks.LEADER);
        replica.wallMs += TimeUnit.HOURS.toMillis(24);

        replica.produce("late", sequenced(PID, 0, 1, 1), Acks.LEADER);
        replica.produce("new", sequenced(PID, 1, 0, 1), Acks.LEADER);

        assertThat(replica.answer("late")).contains(new ProduceOutcome.UnknownProducerId(PID));
        assertThat(replica.receipt("new").baseOffset()).isEqualTo(1);
    }

    @Test
    void sequencesWrapToZero() {
        var last = Integer.MAX_VALUE;
        replica.produce("a", sequenced(PID, 0, 0, last), Acks.LEADER);
        replica.produce("b", sequenced(PID, 0, last, 2), Acks.LEADER);

        replica.holdAppends = true;
        replica.produce("c", sequenced(PID, 0, 1, 1), Acks.LEADER);
        replica.produce("d", sequenced(PID, 0, 2, 1), Acks.LEADER);
        replica.completeAppends();

        assertThat(replica.receipt("d").baseOffset()).isEqualTo(last + 3L);
    }

    @Test
    void takesNoMoreUnansweredBatchesOfOneProducerThanItCouldRecogniseAgain() {
        for (var i = 0; i < 5; i++) {
            replica.produce("b" + i, sequenced(PID, 0, i, 1), Acks.ALL);
        }

        replica.produce("sixth", sequenced(PID, 0, 5, 1), Acks.ALL);
        replica.produce("retry", sequenced(PID, 0, 0, 1), Acks.ALL);
        replica.produce("other", sequenced(PID + 1, 0, 0, 1), Acks.ALL);

        assertThat(replica.answer("sixth"))
                .contains(new ProduceOutcome.Overloaded("unanswered batches of one producer"));
        replica.flush();
        assertThat(replica.receipt("retry").duplicate()).isTrue();
        assertThat(replica.receipt("other").baseOffset()).isEqualTo(5);
        replica.produce("sixth again", sequenced(PID, 0, 5, 1), Acks.LEADER);
        assertThat(replica.receipt("sixth again").baseOffset()).isEqualTo(6);
    }

    @Test
    void aDuplicateOfAWrittenBatchIsRecognisedBehindAnUnwrittenOne() {
        replica.produce("a", sequenced(PID, 0, 0, 1), Acks.LEADER);
        replica.holdAppends = true;
        replica.produce("b", sequenced(PID, 0, 1, 1), Acks.LEADER);

        replica.produce("again", sequenced(PID, 0, 0, 1), Acks.LEADER);

        assertThat(replica.receipt("again").duplicate()).isTrue();
        assertThat(replica.receipt("again").baseOffset()).isZero();
    }

    @Test
    void duplicatesDoNotCountAgainstTheLimitOfUnansweredBatches() {
        replica.produce("a", sequenced(PID, 0, 0, 1), Acks.ALL);
        for (var i = 0; i < 5; i++) {
            replica.produce("again" + i, sequenced(PID, 0, 0, 1), Acks.ALL);
        }

        replica.produce("b", sequenced(PID, 0, 1, 1), Acks.ALL);
        replica.flush();

        assertThat(replica.receipt("b").baseOffset()).isEqualTo(1);
        assertThat(replica.receipt("again4").duplicate()).isTrue();
    }
}
