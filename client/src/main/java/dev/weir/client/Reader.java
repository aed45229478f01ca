// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatches;
import dev.weir.record.RecordFormatException;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Reads partitions, from any position, committed records only. One thread at a time.
///
/// Nodes push; this side grants them bytes as records are polled, so memory stays within
/// `creditBytes` a node. A broken connection is opened again, during polls, and reading goes on at
/// the next offset.
public final class Reader implements AutoCloseable {

    private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(1);

    /// A push whose batches are being polled.
    private record Push(
            ReadAssignment assignment,
            FetchCall call,
            Iterator<RecordBatch> batches,
            int sizeBytes) {}

    private final ReaderConfig config;
    private final Nodes nodes;
    private final Calls calls;
    private final Calls lookups;
    private final Map<TopicPartition, ReadAssignment> assignments = new LinkedHashMap<>();
    private final Map<Integer, ReadAssignment> bySubscription = new HashMap<>();
    private final Map<String, FetchCall> callsByNode = new HashMap<>();
    private final BlockingQueue<FetchCall.Event> events = new LinkedBlockingQueue<>();
    private final AtomicBoolean isReachabilityNew = new AtomicBoolean();
    private final Runnable unfollow;
    private final SilenceWatch silence;
    private final SilentNodes silentNodes;
    private @Nullable Push push;
    private int lastSubscriptionId;
    private boolean isClosed;

    Reader(ReaderConfig config, ConnectionConfig connection, Nodes nodes) {
        this.config = config;
        this.nodes = nodes;
        this.calls = new Calls(nodes, connection.requestTimeout());
        this.lookups = new Calls(nodes, LOOKUP_TIMEOUT);
        this.silence = new SilenceWatch(nodes);
        this.silentNodes = new SilentNodes(nodes);
        this.unfollow = nodes.whenReachable(() -> isReachabilityNew.set(true));
    }

    /// Begins to read a partition, or to read it anew from another position.
    public void assign(TopicPartition partition, StartPosition start) {
        unassign(partition);
        assignments.put(partition, new ReadAssignment(partition, start));
    }

    /// Stops reading a partition. Records of it that wait are dropped.
    public void unassign(TopicPartition partition) {
        var assignment = assignments.remove(partition);
        if (assignment == null) {
            return;
        }
        bySubscription.remove(assignment.subscriptionId);
        if (assignment.call != null) {
            assignment.call.unsubscribe(assignment.subscriptionId);
        }
        if (push != null && push.assignment == assignment) {
            push.call.consumed(push.sizeBytes);
            push = null;
        }
    }

    /// The records of the next batch.
    ///
    /// @param timeout how long to wait for one; a second more while the cluster cannot be reached
    /// @return in offset order, one partition; empty if none came in time
    /// @throws ClientException `Refused` if a partition cannot be read on (its offset is out of
    ///   range, its topic is gone): it is no longer assigned then; `CorruptBatch` if its bytes are
    ///   damaged
    public List<FetchedRecord> poll(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            var next = pollBatch(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
            if (next.isEmpty()) {
                return List.of();
            }
            var records = RecordDecoder.decode(next.get(), config.limits());
            if (!records.isEmpty()) {
                return records;
            }
        }
    }

    /// The next batch as it is stored, CRC checked, not decoded: for programs that read much.
    ///
    /// @param timeout how long to wait for one; a second more while the cluster cannot be reached
    /// @return empty if none came in time
    /// @throws ClientException as [#poll]
    public Optional<FetchedBatch> pollBatch(Duration timeout) {
        if (isClosed) {
            throw new ClientException.Closed("the reader is closed");
        }
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            var batch = nextOfPush();
            if (batch != null) {
                return Optional.of(batch);
            }
            if (isReachabilityNew.getAndSet(false)) {
                endDetours();
            }
            silence.look(assignments.values(), System.nanoTime()).forEach(this::moveOn);
            silentNodes.look(callsByNode.values(), System.nanoTime());
            long subscribeAtNs = subscribe(System.nanoTime());
            long nowNs = System.nanoTime();
            long leftNs = Math.max(0, Math.min(deadlineNs - nowNs, subscribeAtNs - nowNs));
            var event = await(Math.min(leftNs, SilentNodes.LOOK_NS));
            if (event != null) {
                handle(event);
            } else if (System.nanoTime() - deadlineNs >= 0
                    || Thread.currentThread().isInterrupted()) {
                return Optional.empty();
            }
        }
    }

    /// Offset of the next record that a poll returns; empty until the node has said what the start
    /// position stands for.
    public OptionalLong position(TopicPartition partition) {
        return assignment(partition).cursor.position();
    }

    /// The newest high watermark heard of, exclusive; empty until the first answer.
    public OptionalLong highWatermark(TopicPartition partition) {
        return assignment(partition).cursor.highWatermark();
    }

    /// Records between position and high watermark; empty until both are known.
    public OptionalLong lag(TopicPartition partition) {
        var cursor = assignment(partition).cursor;
        return cursor.position().isPresent() && cursor.highWatermark().isPresent()
                ? OptionalLong.of(
                        Math.max(
                                0,
                                cursor.highWatermark().getAsLong() - cursor.position().getAsLong()))
                : OptionalLong.empty();
    }

    /// High watermarks, asked now.
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        var ends = new HashMap<TopicPartition, Long>();
        for (var partition : partitions) {
            ends.put(partition, offsetOf(partition, StartPosition.LATEST));
        }
        return Map.copyOf(ends);
    }

    /// The offset that a position stands for, asked now.
    public long offsetOf(TopicPartition partition, StartPosition position) {
        var request =
                ListOffsetsRequest.newBuilder()
                        .setTopic(Descriptions.topicRef(partition.topic()))
                        .setPartition(partition.partition())
                        .setPosition(Descriptions.start(position));
        var assigned = assignments.get(partition);
        if (assigned != null && assigned.cursor.leaderEpoch() >= 0) {
            request.setLeaderEpoch(assigned.cursor.leaderEpoch());
        }
        return calls.ask(
                        any ->
                                calls.withAttemptDeadline(
                                                FetchServiceGrpc.newBlockingStub(
                                                        nodes.channel(
                                                                nodes.route(
                                                                        calls.leaderAddress(
                                                                                any, partition)))))
                                        .listOffsets(request.build()))
                .getOffset();
    }

    @Override
    public void close() {
        isClosed = true;
        unfollow.run();
        callsByNode.values().forEach(FetchCall::cancel);
        callsByNode.clear();
        assignments.clear();
        bySubscription.clear();
        events.clear();
        push = null;
    }

    private @Nullable FetchedBatch nextOfPush() {
        while (push != null) {
            if (!push.batches.hasNext()) {
                push.call.consumed(push.sizeBytes);
                push = null;
                return null;
            }
            var assignment = push.assignment;
            try {
                var batch = push.batches.next();
                long fromOffset = assignment.cursor.position().orElse(batch.baseOffset());
                switch (assignment.cursor.onBatch(batch)) {
                    case DELIVER -> {
                        return new FetchedBatch(assignment.partition, fromOffset, batch);
                    }
                    case SKIP -> {}
                    case CORRUPT ->
                            throw new ClientException.CorruptBatch(
                                    assignment.partition
                                            + ": CRC of the batch at offset "
                                            + batch.baseOffset());
                }
            } catch (RecordFormatException | ClientException.CorruptBatch e) {
                drop(assignment);
                throw e instanceof ClientException known
                        ? known
                        : new ClientException.CorruptBatch(
                                assignment.partition + ": " + e.getMessage(), e);
            }
        }
        return null;
    }

    /// Gives up a subscription that sent nonsense; the next poll subscribes again at the same
    /// position.
    private void drop(ReadAssignment assignment) {
        if (push != null) {
            push.call.consumed(push.sizeBytes);
            push = null;
        }
        if (assignment.call != null) {
            assignment.call.unsubscribe(assignment.subscriptionId);
        }
        again(assignment);
    }

    /// A node can be reached again: what went around it subscribes anew, there if it leads.
    private void endDetours() {
        for (var assignment : assignments.values()) {
            if (assignment.isDetour && assignment.call != null) {
                moveOn(assignment);
            }
        }
    }

    private void moveOn(ReadAssignment assignment) {
        bySubscription.remove(assignment.subscriptionId);
        assignment.moveOn();
    }

    private void again(ReadAssignment assignment) {
        bySubscription.remove(assignment.subscriptionId);
        assignment.again();
    }

    /// Subscribes what is not subscribed and due.
    ///
    /// @return when to do so again
    private long subscribe(long nowNs) {
        long nextNs = nowNs + TimeUnit.HOURS.toNanos(1);
        for (var assignment : List.copyOf(assignments.values())) {
            if (assignment.call == null && nowNs - assignment.subscribeAtNs >= 0) {
                subscribe(assignment);
            }
            if (assignment.call == null && assignment.subscribeAtNs - nextNs < 0) {
                nextNs = assignment.subscribeAtNs;
            }
        }
        return nextNs;
    }

    private void subscribe(ReadAssignment assignment) {
        String node;
        try {
            var leader = lookups.ask(any -> lookups.leaderAddress(any, assignment.partition));
            node = nodes.route(leader);
            assignment.isDetour = !node.equals(leader);
        } catch (ClientException e) {
            if (!StatusMapping.canRetry(e)) {
                unassign(assignment.partition);
                throw e;
            }
            again(assignment);
            return;
        }
        var call =
                callsByNode.computeIfAbsent(
                        node,
                        name ->
                                new FetchCall(
                                        name, nodes.channel(name), config.creditBytes(), events));
        assignment.call = call;
        var subscribe = assignment.subscription(++lastSubscriptionId, config.maxPushBytes());
        bySubscription.put(assignment.subscriptionId, assignment);
        call.subscribe(subscribe);
    }

    private FetchCall.@Nullable Event await(long leftNs) {
        try {
            return events.poll(leftNs, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void handle(FetchCall.Event event) {
        switch (event) {
            case FetchCall.Event.Ended(FetchCall call, ClientException failure) ->
                    onEnded(call, failure);
            case FetchCall.Event.Pushed(FetchCall call, FetchResponse response) ->
                    onPushed(call, response);
        }
    }

    private void onEnded(FetchCall call, ClientException failure) {
        call.ended();
        if (failure instanceof ClientException.Unreachable) {
            nodes.failed(call.node());
        } else if (StatusMapping.isOfTheNode(failure)) {
            nodes.next(call.node());
        }
        callsByNode.remove(call.node(), call);
        for (var assignment : List.copyOf(assignments.values())) {
            if (assignment.call == call) {
                again(assignment);
            }
        }
        if (!StatusMapping.canRetry(failure)) {
            throw failure;
        }
    }

    private void onPushed(FetchCall call, FetchResponse response) {
        var assignment = bySubscription.get(response.getSubscriptionId());
        if (assignment == null) {
            // Pushed before an unsubscription arrived: its bytes are free again.
            call.consumed(response.getRecordBatches().size());
            return;
        }
        if (response.hasError() && !StatusMapping.isOk(response.getError())) {
            var failure = StatusMapping.toException(response.getError());
            again(assignment);
            // A leader may not know a new topic yet; whether it is there at all is said by who is
            // asked for the leader next.
            boolean isUnknownThere = failure.reason().equals("UNKNOWN_TOPIC_OR_PARTITION");
            if (!isUnknownThere && !StatusMapping.canRetry(failure)) {
                assignments.remove(assignment.partition);
                throw failure;
            }
            return;
        }
        assignment.succeeded();
        assignment.cursor.onAnswer(
                response.getHighWatermark(),
                response.getLeaderEpoch(),
                response.hasStartOffset()
                        ? OptionalLong.of(response.getStartOffset())
                        : OptionalLong.empty());
        int sizeBytes = response.getRecordBatches().size();
        if (sizeBytes > 0) {
            var batches = RecordBatches.in(ByteStrings.unwrap(response.getRecordBatches()));
            push = new Push(assignment, call, batches.iterator(), sizeBytes);
        }
    }

    private ReadAssignment assignment(TopicPartition partition) {
        var assignment = assignments.get(partition);
        if (assignment == null) {
            throw new IllegalArgumentException(partition + " is not assigned");
        }
        return assignment;
    }
}
