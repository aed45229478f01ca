// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The batches of one sender for one partition, in the order they came.
///
/// **Order.** A batch is sent only when every one before it is on its way, and to one leader in one
/// epoch at a time. When one comes back, nothing is sent until all that are on their way have come
/// back too; then they go again, from the first. The first batch to a leader goes alone: a leader
/// that does not know yet that it leads would refuse it and take the one behind it. Each attempt
/// names the leader's epoch, so what a leader takes between its first answer and its last is all of
/// one time.
///
/// **Threading:** owned by the turns of its [ProduceLanes].
final class ProduceLane {

    final PartitionId partition;
    private final List<AwayBatch> batches = new ArrayList<>();
    private Leadership.@Nullable Led target;
    private int inFlight;
    private boolean isHolding;
    private boolean isProven;
    private int epochMin = -1;
    private long notBeforeMs = Long.MIN_VALUE;
    private final LeaderBackoff backoff = new LeaderBackoff();

    ProduceLane(PartitionId partition) {
        this.partition = partition;
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /// Whether nothing but the image or time can make it go on.
    boolean waits() {
        return inFlight == 0 && !batches.isEmpty();
    }

    void add(AwayBatch batch) {
        var at = batches.size();
        while (batch.cameBack && at > 0 && !batches.get(at - 1).cameBack) {
            at--;
        }
        batches.add(at, batch);
    }

    /// What is not answered, in order.
    List<AwayBatch> batches() {
        return List.copyOf(batches);
    }

    /// Where batches went last.
    Leadership.@Nullable Led target() {
        return target;
    }

    /// The batch to send to this leader now; `null`: none yet.
    @Nullable AwayBatch next(Leadership.Led leader, long nowMs) {
        if (isHolding && inFlight > 0) {
            return null;
        }
        isHolding = false;
        if (leader.epoch() < epochMin || (!leader.equals(target) && inFlight > 0)) {
            return null;
        }
        if (!leader.equals(target)) {
            target = leader;
            isProven = false;
            notBeforeMs = Long.MIN_VALUE;
            backoff.reset();
        }
        if (nowMs < notBeforeMs || (!isProven && inFlight > 0)) {
            return null;
        }
        for (var batch : batches) {
            if (!batch.isInFlight) {
                return batch;
            }
        }
        return null;
    }

    void sent(AwayBatch batch, long nowMs) {
        batch.isInFlight = true;
        batch.attempts++;
        batch.sentAtMs = nowMs;
        inFlight++;
    }

    /// Answered for good.
    void settled(AwayBatch batch) {
        landed(batch);
        batches.remove(batch);
    }

    /// The leader has taken a batch, so it knows that it leads.
    void proved() {
        isProven = true;
        backoff.reset();
    }

    /// A batch comes back, to be sent again.
    ///
    /// @param epoch the newest leader epoch that the answer tells of; -1: none
    void back(AwayBatch batch, int epoch, long nowMs) {
        landed(batch);
        isHolding = true;
        isProven = false;
        epochMin = Math.max(epochMin, epoch);
        pause(nowMs);
    }

    /// The leader cannot be reached or is not ready. Another leader, or a newer epoch, is sent to
    /// at once; the same one after a while.
    void pause(long nowMs) {
        if (nowMs >= notBeforeMs) {
            notBeforeMs = nowMs + backoff.nextMs();
        }
    }

    /// Whether an earlier batch of the same producer is unanswered: a gap before this one is then
    /// that one's absence, and no news.
    boolean followsAnother(AwayBatch batch) {
        for (var other : batches) {
            if (other == batch) {
                return false;
            }
            if (other.producerId == batch.producerId) {
                return true;
            }
        }
        return false;
    }

    private void landed(AwayBatch batch) {
        if (batch.isInFlight) {
            batch.isInFlight = false;
            inFlight--;
        }
    }
}
