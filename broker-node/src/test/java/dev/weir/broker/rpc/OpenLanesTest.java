// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.Receipt;
import dev.weir.broker.partition.core.Acks;
import dev.weir.log.PartitionId;

import org.junit.jupiter.api.Test;

import java.util.UUID;

class OpenLanesTest {

    private static final long NOW_MS = 50_000;

    private final PartitionId one = new PartitionId(UUID.randomUUID(), 0);
    private final PartitionId other = new PartitionId(UUID.randomUUID(), 0);
    private final OpenLanes lanes = new OpenLanes();

    @Test
    void aLaneThatStaysEmptyIsDropped() {
        settle(batch(one), NOW_MS);
        var kept = batch(other);

        lanes.dropIdle(NOW_MS + OpenLanes.IDLE_MS);

        assertThat(lanes.find(one)).isNull();
        assertThat(lanes.all()).containsExactly(lanes.find(other));
        assertThat(lanes.find(other).batches()).containsExactly(kept);
    }

    @Test
    void aLaneThatWasEmptyForAMomentStaysWhatItWas() {
        settle(batch(one), NOW_MS);
        var lane = lanes.find(one);

        lanes.dropIdle(NOW_MS + OpenLanes.IDLE_MS - 1);
        batch(one);
        lanes.dropIdle(NOW_MS + 2 * OpenLanes.IDLE_MS);

        assertThat(lanes.find(one)).isSameAs(lane);
    }

    @Test
    void onlyLanesWithBatchesAreBusy() {
        settle(batch(one), NOW_MS);
        batch(other);

        assertThat(lanes.busy()).containsExactly(lanes.find(other));
        batch(one);
        assertThat(lanes.busy()).containsExactly(lanes.find(other), lanes.find(one));
    }

    @Test
    void whenAllAreDroppedNothingIsLeft() {
        settle(batch(one), NOW_MS);
        settle(batch(other), NOW_MS + 1);

        lanes.dropIdle(NOW_MS + 1 + OpenLanes.IDLE_MS);

        assertThat(lanes.isEmpty()).isTrue();
    }

    private AwayBatch batch(PartitionId partition) {
        var batch =
                new AwayBatch(
                        new AwayBatch.Place("t", partition),
                        ApiClient.sequenced(7, 0, 0, "v"),
                        Acks.ALL,
                        NOW_MS,
                        new Unheard());
        lanes.add(batch);
        return batch;
    }

    private void settle(AwayBatch batch, long nowMs) {
        var lane = lanes.find(batch.partition);
        lane.settled(batch);
        lanes.emptied(lane, nowMs);
    }

    /// Nobody listens.
    private static final class Unheard implements BatchListener {

        @Override
        public void bytesReleased() {}

        @Override
        public void stored(Receipt receipt) {}

        @Override
        public void refused(ApiError error) {}
    }
}
