// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.producer.ProducerStates.Truncation;
import dev.weir.log.producer.SequenceCheck.Duplicate;
import dev.weir.log.producer.SequenceCheck.FencedEpoch;
import dev.weir.log.producer.SequenceCheck.InOrder;
import dev.weir.log.producer.SequenceCheck.OutOfOrder;
import dev.weir.log.producer.SequenceCheck.UnknownProducer;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class ProducerStatesTest {

    private static final long PRODUCER = 7;
    private static final short EPOCH = 3;
    private static final long NOW = 1_000_000;
    private static final long DAY_MS = 24 * 3_600_000L;

    private final ProducerStates states = new ProducerStates(100, 0);

    @Test
    void aNewProducerBeginsAtSequenceZero() {
        assertThat(check(EPOCH, 0, 5)).isEqualTo(new InOrder());
        assertThat(check(EPOCH, 1, 5)).isEqualTo(new UnknownProducer());
    }

    @Test
    void theNextBatchFollowsTheLast() {
        append(EPOCH, 0, 5);

        assertThat(check(EPOCH, 5, 1)).isEqualTo(new InOrder());
        assertThat(check(EPOCH, 6, 1)).isEqualTo(new OutOfOrder(5));
        assertThat(check(EPOCH, 4, 1)).isEqualTo(new OutOfOrder(5));
    }

    @Test
    void checkingChangesNothing() {
        append(EPOCH, 0, 5);
        check(EPOCH, 5, 1);
        check((short) (EPOCH + 1), 0, 1);

        assertThat(check(EPOCH, 5, 1)).isEqualTo(new InOrder());
    }

    @Test
    void aNewEpochBeginsAtSequenceZero() {
        append(EPOCH, 0, 5);
        var next = (short) (EPOCH + 1);

        assertThat(check(next, 5, 1)).isEqualTo(new OutOfOrder(0));
        assertThat(check(next, 0, 1)).isEqualTo(new InOrder());
        append(next, 0, 2);
        assertThat(check(next, 2, 1)).isEqualTo(new InOrder());
        assertThat(check(next, 0, 5)).isEqualTo(new OutOfOrder(2));
    }

    @Test
    void anOldEpochIsFenced() {
        append(EPOCH, 0, 5);

        assertThat(check((short) (EPOCH - 1), 0, 1)).isEqualTo(new FencedEpoch(EPOCH));
        assertThat(check((short) (EPOCH - 1), 5, 1)).isEqualTo(new FencedEpoch(EPOCH));
    }

    @Test
    void anyOfTheLastFiveBatchesIsRecognised() {
        for (var i = 0; i < 6; i++) {
            append(EPOCH, 10 * i, 10);
        }

        for (var i = 1; i < 6; i++) {
            assertThat(check(EPOCH, 10 * i, 10)).isEqualTo(new Duplicate(10L * i, 10L * i + 9));
        }
        assertThat(check(EPOCH, 0, 10)).isEqualTo(new OutOfOrder(60));
    }

    @Test
    void aBatchThatOnlyOverlapsAnOldOneIsNoDuplicate() {
        append(EPOCH, 0, 5);

        assertThat(check(EPOCH, 0, 4)).isEqualTo(new OutOfOrder(5));
        assertThat(check(EPOCH, 1, 4)).isEqualTo(new OutOfOrder(5));
        assertThat(check(EPOCH, 0, 6)).isEqualTo(new OutOfOrder(5));
    }

    @Test
    void sequencesWrapToZero() {
        append(EPOCH, Integer.MAX_VALUE - 1, 2);
        assertThat(check(EPOCH, 0, 1)).isEqualTo(new InOrder());
        assertThat(check(EPOCH, 1, 1)).isEqualTo(new OutOfOrder(0));

        append(EPOCH, 0, 3);
        assertThat(check(EPOCH, 3, 1)).isEqualTo(new InOrder());
    }

    @Test
    void aBatchMayHoldTheWrap() {
        append(EPOCH, Integer.MAX_VALUE - 1, 5);

        assertThat(check(EPOCH, 3, 1)).isEqualTo(new InOrder());
        assertThat(check(EPOCH, Integer.MAX_VALUE - 1, 5)).isEqualTo(new Duplicate(0, 4));
        assertThat(ProducerBatch.sequenceAfter(Integer.MAX_VALUE, 1)).isZero();
        assertThat(ProducerBatch.sequenceAfter(Integer.MAX_VALUE, Integer.MAX_VALUE))
                .isEqualTo(Integer.MAX_VALUE - 1);
    }

    @Test
    void stateExpiresAfterADayIdle() {
        append(EPOCH, 0, 5);

        assertThat(states.check(PRODUCER, EPOCH, 5, 1, NOW + DAY_MS - 1)).isEqualTo(new InOrder());
        assertThat(states.check(PRODUCER, EPOCH, 5, 1, NOW + DAY_MS))
                .isEqualTo(new UnknownProducer());
        assertThat(states.check(PRODUCER, EPOCH, 0, 1, NOW + DAY_MS)).isEqualTo(new InOrder());
    }

    @Test
    void whatExpiredIsNotContinuedByALaterBatch() {
        append(EPOCH, 0, 5);
        states.append(PRODUCER, EPOCH, batch(0, 1), NOW + DAY_MS);

        assertThat(states.check(PRODUCER, EPOCH, 0, 5, NOW + DAY_MS)).isEqualTo(new OutOfOrder(1));
    }

    @Test
    void aClockThatGoesBackExpiresNothing() {
        append(EPOCH, 0, 5);

        assertThat(states.check(PRODUCER, EPOCH, 5, 1, NOW - DAY_MS)).isEqualTo(new InOrder());
    }

    @Test
    void theLongestIdleProducerGoesWhenThereAreTooMany() {
        var few = new ProducerStates(2, 0);
        few.append(1, EPOCH, new ProducerBatch(0, 0, 0, 0, NOW), NOW);
        few.append(2, EPOCH, new ProducerBatch(0, 0, 1, 1, NOW), NOW);
        few.append(1, EPOCH, new ProducerBatch(1, 1, 2, 2, NOW), NOW);
        few.check(2, EPOCH, 1, 1, NOW);
        few.append(3, EPOCH, new ProducerBatch(0, 0, 3, 3, NOW), NOW);

        assertThat(few.check(2, EPOCH, 1, 1, NOW)).isEqualTo(new UnknownProducer());
        assertThat(few.check(1, EPOCH, 2, 1, NOW)).isEqualTo(new InOrder());
        assertThat(few.check(3, EPOCH, 1, 1, NOW)).isEqualTo(new InOrder());
    }

    @Test
    void aCutForgetsTheBatchesAtOrAboveIt() {
        append(EPOCH, 0, 5);
        append(EPOCH, 5, 5);
        append(EPOCH, 10, 5);

        assertThat(states.truncateTo(10)).isEqualTo(Truncation.EXACT);
        assertThat(states.mapEndOffset()).isEqualTo(10);
        assertThat(check(EPOCH, 10, 5)).isEqualTo(new InOrder());
        assertThat(check(EPOCH, 5, 5)).isEqualTo(new Duplicate(5, 9));
    }

    @Test
    void aCutInsideABatchForgetsAllOfIt() {
        append(EPOCH, 0, 5);
        append(EPOCH, 5, 5);

        assertThat(states.truncateTo(9)).isEqualTo(Truncation.EXACT);
        assertThat(check(EPOCH, 5, 5)).isEqualTo(new InOrder());
    }

    @Test
    void aCutAtTheEndForgetsNothing() {
        append(EPOCH, 0, 5);

        assertThat(states.truncateTo(5)).isEqualTo(Truncation.EXACT);
        assertThat(check(EPOCH, 0, 5)).isEqualTo(new Duplicate(0, 4));
    }

    @Test
    void aCutBelowAllThatIsRememberedOfAProducerAsksForARebuild() {
        append(EPOCH, 0, 5);
        for (var i = 0; i < 5; i++) {
            append((short) (EPOCH + 1), i, 1);
        }

        assertThat(states.truncateTo(5)).isEqualTo(Truncation.REBUILD_NEEDED);
    }

    @Test
    void aSnapshotAndAReplayGiveTheStateBelowTheCut() {
        append(EPOCH, 0, 5);
        var snapshot = states.encodeSnapshot();
        append(EPOCH, 5, 5);

        var rebuilt = ProducerStates.decodeSnapshot(snapshot, 100).orElseThrow();
        rebuilt.append(PRODUCER, EPOCH, new ProducerBatch(5, 9, 5, 9, NOW), NOW);

        assertThat(rebuilt.encodeSnapshot()).isEqualTo(states.encodeSnapshot());
        assertThat(rebuilt.mapEndOffset()).isEqualTo(10);
    }

    @Test
    void comesBackFromASnapshotWithItsOrderOfIdleness() {
        for (var producer = 20; producer > 0; producer--) {
            var end = states.mapEndOffset();
            states.append(producer, EPOCH, new ProducerBatch(0, 0, end, end, NOW), NOW);
        }
        states.advanceTo(99);

        var back = ProducerStates.decodeSnapshot(states.encodeSnapshot(), 5).orElseThrow();

        assertThat(back.mapEndOffset()).isEqualTo(99);
        assertThat(back.check(5, EPOCH, 1, 1, NOW)).isEqualTo(new InOrder());
        assertThat(back.check(6, EPOCH, 1, 1, NOW)).isEqualTo(new UnknownProducer());
    }

    @Test
    void noDamagedSnapshotIsTaken() {
        append(EPOCH, 0, 5);
        append(EPOCH, 5, 5);
        var bytes = states.encodeSnapshot();
        for (var at = 0; at < bytes.length; at++) {
            var damaged = bytes.clone();
            damaged[at] ^= 4;
            assertThat(ProducerStates.decodeSnapshot(damaged, 100)).as("byte %d", at).isEmpty();
            assertThat(ProducerStates.decodeSnapshot(Arrays.copyOf(bytes, at), 100)).isEmpty();
        }
    }

    @Test
    void theLogOnlyGoesForward() {
        append(EPOCH, 0, 5);

        assertThatThrownBy(() -> states.advanceTo(4)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> states.append(1, EPOCH, new ProducerBatch(0, 0, 3, 3, 0), NOW))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesNumbersThatNoSequencedBatchHas() {
        assertThatThrownBy(() -> states.check(-1, EPOCH, 0, 1, NOW))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> check((short) -1, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> check(EPOCH, -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> check(EPOCH, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private SequenceCheck check(short epoch, int baseSequence, int count) {
        return states.check(PRODUCER, epoch, baseSequence, count, NOW);
    }

    private void append(short epoch, int baseSequence, int count) {
        states.append(PRODUCER, epoch, batch(baseSequence, count), NOW);
    }

    private ProducerBatch batch(int baseSequence, int count) {
        var baseOffset = states.mapEndOffset();
        return new ProducerBatch(
                baseSequence,
                ProducerBatch.sequenceAfter(baseSequence, count - 1),
                baseOffset,
                baseOffset + count - 1,
                NOW);
    }
}
