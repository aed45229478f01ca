// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ProduceResponse;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.log.PartitionId;

import io.grpc.Deadline;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Carries the batches of one sender (a produce stream, or one call) to the leaders of their
/// partitions, through changes of leader: one upstream stream a leader, one [ProduceLane] a
/// partition.
///
/// A batch that was refused as not led there waits for an image that new and goes again. One whose
/// outcome is unknown goes again only if it is sequenced: the leader then tells whether it was
/// stored. What waits holds its bytes in the node's budget, and at most the sender's credit is
/// here.
///
/// **Threading:** all state is touched in [SerialTurns] only; whoever brings an event may run it.
final class ProduceLanes implements AwayBatches, ProduceUpstream.Events {

    private static final Logger LOG = LoggerFactory.getLogger(ProduceLanes.class);

    /// How often batches under way are looked at: for deadlines and for leaders that went silent.
    private static final long WATCH_MS = 100;

    /// Silence of a leader after which a newer one in the image is believed instead.
    private static final long SILENCE_MS = 300;

    private final Forwarding forwarding;
    private final PartitionRegistry partitions;
    private final Principal principal;
    private final @Nullable Deadline deadline;
    private final SerialTurns turns = new SerialTurns(Runnable::run);
    private final OpenLanes lanes = new OpenLanes();
    private final BatchWays ways = new BatchWays();
    private final Map<Integer, ProduceUpstream> upstreams = new HashMap<>();
    private boolean isPollSet;
    private boolean isWatchSet;
    private boolean isStopping;
    private boolean isClosed;

    /// @param deadline of all that is sent; `null` if each batch's own is all there is
    ProduceLanes(
            Forwarding forwarding,
            PartitionRegistry partitions,
            Principal principal,
            @Nullable Deadline deadline) {
        this.forwarding = forwarding;
        this.partitions = partitions;
        this.principal = principal;
        this.deadline = deadline;
    }

    @Override
    public boolean areTaken() {
        return true;
    }

    @Override
    public boolean beginHere(PartitionId partition, int epoch) {
        return ways.beginHere(partition, epoch);
    }

    @Override
    public void endHere(PartitionId partition) {
        if (ways.endHere(partition)) {
            turn(() -> {});
        }
    }

    @Override
    public void add(AwayBatch batch) {
        ways.beginAway(batch.partition);
        turn(
                () -> {
                    if (isClosed) {
                        drop(batch);
                    } else {
                        lanes.add(batch);
                    }
                });
    }

    @Override
    public void comeBack(AwayBatch batch) {
        batch.cameBack = true;
        add(batch);
    }

    private void drop(AwayBatch batch) {
        ways.endAway(batch.partition);
        batch.listener.bytesReleased();
    }

    @Override
    public void stop() {
        turn(() -> isStopping = true);
    }

    @Override
    public void close() {
        turn(
                () -> {
                    isClosed = true;
                    for (var lane : lanes.busy()) {
                        lane.batches().forEach(this::drop);
                    }
                    lanes.clear();
                    upstreams.values().forEach(ProduceUpstream::close);
                    upstreams.clear();
                });
    }

    @Override
    public void ready() {
        turn(() -> {});
    }

    @Override
    public void answered(ProduceUpstream upstream, ProduceResponse response) {
        turn(
                () -> {
                    var batch = upstream.take(response);
                    if (batch == null) {
                        return;
                    }
                    if (response.hasError()) {
                        refused(batch, ErrorMapping.toError(response.getError()));
                    } else {
                        stored(batch, response.getReceipts(0));
                    }
                });
    }

    @Override
    public void ended(ProduceUpstream upstream, Throwable cause) {
        turn(
                () -> {
                    LOG.debug("forwarding to node {} ended", upstream.nodeId(), cause);
                    upstreams.remove(upstream.nodeId(), upstream);
                    long nowMs = StreamTimers.nowMs();
                    upstream.takeOpen().forEach(batch -> unknown(batch, -1));
                    for (var lane : lanes.all()) {
                        var target = lane.target();
                        if (target != null && target.nodeId() == upstream.nodeId()) {
                            lane.pause(nowMs);
                        }
                    }
                });
    }

    /// Every event ends by sending what can be sent.
    private void turn(Runnable event) {
        turns.run(
                () -> {
                    event.run();
                    pump();
                });
    }

    private void pump() {
        boolean waits = false;
        for (var lane : lanes.busy()) {
            pump(lane);
            waits |= lane.waits();
            if (lane.isEmpty()) {
                lanes.emptied(lane, StreamTimers.nowMs());
            }
        }
        if (waits && !isPollSet) {
            isPollSet = true;
            var _ =
                    forwarding
                            .timers()
                            .after(Forwarding.POLL_MS, () -> turn(() -> isPollSet = false));
        }
        if (!lanes.isEmpty() && !isWatchSet) {
            isWatchSet = true;
            var _ = forwarding.timers().after(WATCH_MS, () -> turn(this::watch));
        }
    }

    private void pump(ProduceLane lane) {
        if (lane.isEmpty() || ways.isHere(lane.partition)) {
            return;
        }
        long nowMs = StreamTimers.nowMs();
        switch (forwarding.leader(lane.partition)) {
            case Leadership.Gone _ -> {
                var unknown = TopicRefs.unknownId(lane.partition.topicId());
                refuseWaiting(lane, unknown);
            }
            case Leadership.Nobody _ -> {}
            case Leadership.Led leader -> {
                for (var batch = lane.next(leader, nowMs);
                        batch != null;
                        batch = lane.next(leader, nowMs)) {
                    if (!send(lane, batch, leader, nowMs)) {
                        return;
                    }
                }
            }
        }
    }

    private boolean send(ProduceLane lane, AwayBatch batch, Leadership.Led leader, long nowMs) {
        if (leader.nodeId() == forwarding.nodeId()) {
            var replica = partitions.find(lane.partition).orElse(null);
            if (replica == null) {
                lane.pause(nowMs);
                return false;
            }
            lane.sent(batch, nowMs);
            replica.produce(
                    new ProduceCommand(
                            batch.batch.duplicate(),
                            batch.acks,
                            OptionalInt.of(leader.epoch()),
                            batch.deadlineMs),
                    new HereListener(batch));
            return true;
        }
        var upstream = upstream(leader.nodeId());
        if (upstream == null) {
            lane.pause(nowMs);
            return false;
        }
        if (!upstream.trySend(batch, leader.epoch())) {
            return false;
        }
        lane.sent(batch, nowMs);
        return true;
    }

    private @Nullable ProduceUpstream upstream(int nodeId) {
        var known = upstreams.get(nodeId);
        if (known != null) {
            return known;
        }
        var channel = forwarding.peers().to(nodeId);
        if (channel.isEmpty()) {
            return null;
        }
        var opened = ProduceUpstream.open(nodeId, channel.get(), principal, deadline, this);
        upstreams.put(nodeId, opened);
        return opened;
    }

    /// This node leads by now.
    private final class HereListener implements ProduceListener {

        private final AwayBatch batch;
        private final int attempt;

        HereListener(AwayBatch batch) {
            this.batch = batch;
            this.attempt = batch.attempts;
        }

        @Override
        public void onOutcome(ProduceOutcome outcome) {
            turn(
                    () -> {
                        // Nobody waits for it, or only for a later attempt's answer.
                        if (!batch.isInFlight || batch.attempts != attempt) {
                            return;
                        }
                        if (outcome instanceof ProduceOutcome.Accepted(var receipt)) {
                            stored(
                                    batch,
                                    Receipts.of(batch.partition, receipt, !batch.isSequenced()));
                        } else {
                            refused(batch, batch.errors().of(outcome));
                        }
                    });
        }
    }

    private void stored(AwayBatch batch, dev.weir.api.v1.Receipt receipt) {
        var lane = lanes.find(batch.partition);
        if (lane == null || !batch.isInFlight) {
            return;
        }
        lane.proved();
        lane.settled(batch);
        ways.endAway(batch.partition);
        batch.listener.bytesReleased();
        batch.listener.stored(receipt);
    }

    private void refused(AwayBatch batch, ApiError error) {
        var lane = lanes.find(batch.partition);
        if (lane == null || !batch.isInFlight) {
            return;
        }
        batch.lastRefusal = error;
        int epoch = AwayErrors.epoch(error);
        if (AwayErrors.isOfTheLeader(error.reason())
                || (AwayErrors.isGap(error.reason()) && lane.followsAnother(batch))) {
            lane.back(batch, epoch, StreamTimers.nowMs());
        } else if (error.reason() == ErrorReason.OUTCOME_UNKNOWN) {
            unknown(batch, epoch);
        } else {
            lane.proved();
            settle(lane, batch, error);
        }
    }

    /// Sent, and nobody says what became of it.
    private void unknown(AwayBatch batch, int epoch) {
        var lane = lanes.find(batch.partition);
        if (lane == null || !batch.isInFlight) {
            return;
        }
        batch.isMaybeStored = true;
        if (batch.isSequenced()) {
            lane.back(batch, epoch, StreamTimers.nowMs());
        } else {
            settle(lane, batch, AwayErrors.unknown(batch));
        }
    }

    private void settle(ProduceLane lane, AwayBatch batch, ApiError error) {
        lane.settled(batch);
        ways.endAway(batch.partition);
        batch.listener.bytesReleased();
        batch.listener.refused(
                batch.isMaybeStored && !AwayErrors.isGap(error.reason())
                        ? AwayErrors.unknown(batch)
                        : error);
    }

    private void refuseWaiting(ProduceLane lane, ApiError error) {
        for (var batch : lane.batches()) {
            if (!batch.isInFlight) {
                settle(lane, batch, error);
            }
        }
    }

    /// Deadlines, waits that are too long, leaders that went silent.
    private void watch() {
        isWatchSet = false;
        long nowMs = StreamTimers.nowMs();
        lanes.dropIdle(nowMs);
        for (var lane : lanes.busy()) {
            var leader = forwarding.leader(lane.partition);
            var target = lane.target();
            boolean isOver =
                    target != null
                            && leader instanceof Leadership.Led led
                            && led.epoch() > target.epoch();
            for (var batch : lane.batches()) {
                if (batch.isInFlight) {
                    boolean isSilent = isOver && nowMs - batch.sentAtMs > SILENCE_MS;
                    if (isSilent || nowMs >= batch.deadlineMs) {
                        upstreams.values().forEach(upstream -> upstream.forget(batch));
                        unknown(batch, -1);
                    }
                }
                if (!batch.isInFlight && isOutOfTime(batch, nowMs)) {
                    settle(lane, batch, AwayErrors.outOfTime(batch));
                } else if (!batch.isInFlight && isStopping) {
                    settle(lane, batch, StreamEnds.stopping());
                }
            }
        }
    }

    private static boolean isOutOfTime(AwayBatch batch, long nowMs) {
        return nowMs >= batch.deadlineMs
                || (!batch.isMaybeStored && nowMs - batch.sinceMs >= Forwarding.LEADER_WAIT_MS);
    }
}
