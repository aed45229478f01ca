// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import static dev.weir.broker.partition.core.ReplicaHarness.NODE;
import static dev.weir.broker.partition.core.ReplicaHarness.OTHER;
import static dev.weir.broker.partition.core.ReplicaHarness.assignment;
import static dev.weir.broker.partition.core.ReplicaHarness.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;

/// A follower whose leader lacks what it knows to be committed.
class CommittedCutTest {

    /// Nine records of epoch 3, the first six committed.
    private final ReplicaHarness follower =
            new ReplicaHarness(new LogState(0, 9, 9, 3, 6), ReplicaLimits.DEFAULT);

    private SessionId follow() {
        var members = List.of(OTHER, NODE);
        follower.image(assignment(OTHER, 5, 5, members, members), config(Durability.FSYNC, 1));
        return follower.sent(ReplicaMessage.OpenSession.class).getLast().session();
    }

    private void truncateTo(long end) {
        follower.receive(OTHER, new ReplicaMessage.Diverged(follow(), 5, 3, end));
        assertThat(follower.take(ReplicaEffect.TruncateTo.class))
                .containsExactly(new ReplicaEffect.TruncateTo(end));
        follower.endOffset = end;
        follower.step(new ReplicaEvent.Truncated(end));
    }

    @Test
    void aCutBelowTheHighWatermarkIsTold() {
        truncateTo(4);

        assertThat(follower.take(ReplicaEffect.CommittedCut.class))
                .containsExactly(new ReplicaEffect.CommittedCut(6, 4));
        assertThat(follower.highWatermark()).isEqualTo(4);
    }

    @Test
    void aCutOfWhatWasNotCommittedIsNothingSpecial() {
        truncateTo(6);

        assertThat(follower.take(ReplicaEffect.CommittedCut.class)).isEmpty();
    }

    @Test
    void aResetBelowTheHighWatermarkIsTold() {
        var reset =
                new ReplicaMessage.Reset(
                        follow(), 5, 2, ByteBuffer.allocate(4), ByteBuffer.allocate(1));
        follower.receive(OTHER, reset);
        follower.endOffset = 2;
        follower.step(new ReplicaEvent.ResetDone(2));

        assertThat(follower.take(ReplicaEffect.CommittedCut.class))
                .containsExactly(new ReplicaEffect.CommittedCut(6, 2));
    }
}
