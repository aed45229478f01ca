// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchResponse;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds who serves the subscriptions of one fetch stream, and brings what other nodes push: one
/// upstream stream a leader. When a leader is one no more, its subscriptions go on at their
/// positions with the next; the reader notices nothing but the pause.
///
/// **Threading:** everything in the stream's turns.
final class AwayFetches implements FetchUpstream.Events {

    private static final Logger LOG = LoggerFactory.getLogger(AwayFetches.class);

    /// How often the leaders that serve are compared with the image.
    private static final long WATCH_MS = 200;

    /// How long a reader that has read waits for the next leader.
    private static final long STARTED_WAIT_MS = 30_000;

    /// The stream.
    interface Host {

        /// Runs an event in the stream's turns; every turn ends with [AwayFetches#pump].
        void turn(Runnable event);

        /// A replica here leads: read on there.
        void serveHere(FetchSubscription subscription, Partition replica);

        /// Passes on what another node said.
        void pass(FetchSubscription subscription, FetchResponse response);

        /// Nobody can serve it.
        void end(FetchSubscription subscription, ApiError error);

        /// What may be pushed now, in bytes; 0: nothing.
        long pushableBytes();
    }

    /// A subscription whose leader is looked for.
    private static final class Search {
        final long sinceMs = StreamTimers.nowMs();
        int epochMin = -1;
        long notBeforeMs = Long.MIN_VALUE;
        final LeaderBackoff backoff = new LeaderBackoff();
        @Nullable ApiError last;
    }

    /// A subscription that another node serves, as leader of an epoch.
    private record Served(FetchUpstream upstream, int epoch) {}

    private final Forwarding forwarding;
    private final PartitionRegistry partitions;
    private final Principal principal;
    private final Host host;
    private final Map<FetchSubscription, Search> searches = new LinkedHashMap<>();
    private final Map<FetchSubscription, Served> served = new LinkedHashMap<>();
    private final Map<Integer, FetchUpstream> upstreams = new HashMap<>();
    private boolean isPollSet;
    private boolean isWatchSet;
    private boolean isClosed;

    AwayFetches(
            Forwarding forwarding, PartitionRegistry partitions, Principal principal, Host host) {
        this.forwarding = forwarding;
        this.partitions = partitions;
        this.principal = principal;
        this.host = host;
    }

    /// Finds who serves a new subscription.
    void place(FetchSubscription subscription) {
        var search = new Search();
        searches.put(subscription, search);
        tryPlace(subscription, search);
    }

    /// Who served a subscription does not lead, or cannot say yet: it is looked for again.
    void moved(FetchSubscription subscription, @Nullable ApiError error) {
        served.remove(subscription);
        subscription.servedBy(null);
        subscription.answered();
        var search = searches.computeIfAbsent(subscription, _ -> new Search());
        search.last = error == null ? search.last : error;
        search.epochMin = Math.max(search.epochMin, error == null ? -1 : AwayErrors.epoch(error));
        search.notBeforeMs = StreamTimers.nowMs() + search.backoff.nextMs();
        setPoll();
    }

    /// Whether an error of a replica here means that the leader is to be looked for.
    static boolean isOfTheLeader(ApiError error) {
        return AwayErrors.isOfTheLeader(error.reason())
                || error.reason() == ErrorReason.HIGH_WATERMARK_NOT_READY;
    }

    /// A replica here answered as it should.
    void found(FetchSubscription subscription) {
        searches.remove(subscription);
    }

    /// A subscription ended.
    void remove(FetchSubscription subscription) {
        searches.remove(subscription);
        var by = served.remove(subscription);
        if (by != null) {
            by.upstream.unsubscribe(subscription);
        }
    }

    void close() {
        isClosed = true;
        searches.clear();
        served.clear();
        upstreams.values().forEach(FetchUpstream::close);
        upstreams.clear();
    }

    /// Passes on what is held while the reader takes it, and lets the leaders push more.
    void pump() {
        if (upstreams.isEmpty()) {
            return;
        }
        for (var upstream : List.copyOf(upstreams.values())) {
            var held = upstream.held();
            if (held != null && (held.getRecordBatches().isEmpty() || host.pushableBytes() > 0)) {
                deliver(upstream, held);
                upstream.next();
            }
            long pushable = host.pushableBytes();
            if (pushable > 0 && upstream.held() == null) {
                upstream.grant(pushable);
            }
        }
    }

    @Override
    public void pushed(FetchUpstream upstream, FetchResponse response) {
        host.turn(
                () -> {
                    if (!isClosed) {
                        upstream.hold(response);
                    }
                });
    }

    @Override
    public void ended(FetchUpstream upstream, Throwable cause) {
        host.turn(
                () -> {
                    LOG.debug("fetching from node {} ended", upstream.nodeId(), cause);
                    upstreams.remove(upstream.nodeId(), upstream);
                    upstream.takeAll().forEach(subscription -> moved(subscription, null));
                });
    }

    private void deliver(FetchUpstream upstream, FetchResponse response) {
        var subscription = upstream.subscription(response);
        if (subscription == null) {
            return;
        }
        if (response.hasError()) {
            upstream.forget(response);
            var error = ErrorMapping.toError(response.getError());
            if (isOfTheLeader(error)) {
                moved(subscription, error);
            } else {
                served.remove(subscription);
                searches.remove(subscription);
                host.end(subscription, error);
            }
            return;
        }
        searches.remove(subscription);
        subscription.saw(response.getLeaderEpoch());
        if (!response.getRecordBatches().isEmpty()) {
            subscription.moveTo(endOf(response));
            host.pass(subscription, response);
        } else if (!subscription.isStarted()) {
            subscription.start(response.getStartOffset());
            host.pass(subscription, response);
        }
    }

    private static long endOf(FetchResponse response) {
        RecordBatch last = null;
        for (var batch : RecordBatches.in(response.getRecordBatches().asReadOnlyByteBuffer())) {
            last = batch;
        }
        if (last == null) {
            throw new IllegalStateException("a push without a batch");
        }
        return last.nextOffset();
    }

    private void tryPlace(FetchSubscription subscription, Search search) {
        long nowMs = StreamTimers.nowMs();
        switch (forwarding.leader(subscription.partition())) {
            case Leadership.Gone _ -> {
                searches.remove(subscription);
                host.end(subscription, TopicRefs.unknownId(subscription.partition().topicId()));
            }
            case Leadership.Led(int nodeId, int epoch)
                    when epoch >= search.epochMin && nowMs >= search.notBeforeMs -> {
                if (!serve(subscription, nodeId, epoch)) {
                    moved(subscription, null);
                }
            }
            case Leadership.Led _, Leadership.Nobody _ -> setPoll();
        }
    }

    private boolean serve(FetchSubscription subscription, int nodeId, int epoch) {
        if (nodeId == forwarding.nodeId()) {
            var replica = partitions.find(subscription.partition());
            replica.ifPresent(found -> host.serveHere(subscription, found));
            return replica.isPresent();
        }
        var upstream = upstreams.get(nodeId);
        if (upstream == null) {
            var channel = forwarding.peers().to(nodeId);
            if (channel.isEmpty()) {
                return false;
            }
            upstream =
                    FetchUpstream.open(nodeId, channel.get(), principal, this, forwarding.budget());
            upstreams.put(nodeId, upstream);
        }
        served.put(subscription, new Served(upstream, epoch));
        setWatch();
        upstream.subscribe(subscription);
        return true;
    }

    private void setPoll() {
        if (!isPollSet && !isClosed) {
            isPollSet = true;
            var _ = forwarding.timers().after(Forwarding.POLL_MS, () -> host.turn(this::poll));
        }
    }

    private void setWatch() {
        if (!isWatchSet && !isClosed && !served.isEmpty()) {
            isWatchSet = true;
            var _ = forwarding.timers().after(WATCH_MS, () -> host.turn(this::watch));
        }
    }

    /// A node that hangs says nothing, not even that it leads no more.
    private void watch() {
        isWatchSet = false;
        for (var entry : List.copyOf(served.entrySet())) {
            var subscription = entry.getKey();
            var by = entry.getValue();
            if (forwarding.leader(subscription.partition())
                            instanceof Leadership.Led(int nodeId, int epoch)
                    && nodeId != by.upstream.nodeId()
                    && epoch > by.epoch) {
                by.upstream.unsubscribe(subscription);
                moved(subscription, null);
            }
        }
        setWatch();
    }

    private void poll() {
        isPollSet = false;
        long nowMs = StreamTimers.nowMs();
        for (var entry : List.copyOf(searches.entrySet())) {
            var subscription = entry.getKey();
            var search = entry.getValue();
            long waitMs = subscription.isStarted() ? STARTED_WAIT_MS : Forwarding.LEADER_WAIT_MS;
            if (isServed(subscription)) {
                continue;
            }
            if (nowMs - search.sinceMs >= waitMs) {
                searches.remove(subscription);
                var last = search.last;
                host.end(subscription, last == null ? subscription.errors().noLeader() : last);
            } else {
                tryPlace(subscription, search);
            }
        }
    }

    /// Somebody was found and has not answered yet: his answer, or his end, decides.
    private boolean isServed(FetchSubscription subscription) {
        return served.containsKey(subscription) || subscription.isServedHere();
    }
}
