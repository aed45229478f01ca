// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.Receipt;
import dev.weir.broker.metrics.RequestMeters;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.rpc.RecordSetEncoder.Placement;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.TopicImage;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/// Brings one produce request, from a stream or a call, to its partitions.
///
/// **Threading:** any thread. A structured request is encoded, and compressed, on the calling
/// thread: callers bring those on a worker.
final class ProduceDispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(ProduceDispatcher.class);

    private final PartitionRouter router;
    private final RecordSetEncoder encoder;
    private final RequestMeters meters;
    private final AtomicInteger keylessTurn = new AtomicInteger();

    ProduceDispatcher(PartitionRouter router, RecordSetEncoder encoder, RequestMeters meters) {
        this.router = router;
        this.encoder = encoder;
        this.meters = meters;
    }

    /// Who asks.
    ///
    /// @param principal for whom
    /// @param deadlineMs monotonic; an acknowledgement that comes later is an unknown outcome
    /// @param away takes what this node does not lead
    record Sender(Principal principal, long deadlineMs, AwayBatches away) {}

    /// Carries out a request. The message is consumed: its batch is stamped in place.
    void dispatch(ProduceRequest request, Sender sender, ProduceAnswer answer) {
        var once = new MeteredAnswer(answer, meters);
        try {
            var topic = router.topic(request.getTopic(), sender.principal, Operation.WRITE);
            var call = new Call(topic, acks(request), epoch(request), sender);
            switch (request.getPayloadCase()) {
                case RECORD_BATCH -> batch(request, call, once);
                case RECORDS -> records(request, call, once);
                case PAYLOAD_NOT_SET ->
                        throw new ApiException(
                                ApiError.badField("payload", "must be records or record_batch"));
            }
        } catch (ApiException e) {
            once.refused(e.error());
        } catch (RuntimeException e) {
            LOG.error("a produce request failed", e);
            once.refused(
                    ApiError.of(
                            ErrorReason.INTERNAL_ERROR,
                            "the request failed; the node's log says why"));
        }
    }

    private record Call(TopicImage topic, Acks acks, OptionalInt leaderEpoch, Sender sender) {

        ProduceCommand command(ByteBuffer batch, OptionalInt epoch) {
            return new ProduceCommand(batch, acks, epoch, sender.deadlineMs);
        }

        /// Who names a leader epoch wants that leader's answer, or to hear that it is over.
        boolean mayGoAway() {
            return leaderEpoch.isEmpty() && sender.away.areTaken();
        }

        PartitionErrors errors(int partition) {
            return new PartitionErrors(topic.name(), partition, leaderEpoch);
        }
    }

    private void batch(ProduceRequest request, Call call, ProduceAnswer answer) {
        if (!request.hasPartition()) {
            throw new ApiException(ApiError.badField("partition", "must be set with a batch"));
        }
        int partition = PartitionRouter.partition(call.topic, request.getPartition());
        var destination = destination(call, partition);
        append(
                call,
                destination,
                WritableBytes.of(request.getRecordBatch()),
                new BatchListener() {
                    @Override
                    public void bytesReleased() {
                        answer.bytesReleased();
                    }

                    @Override
                    public void stored(Receipt receipt) {
                        answer.accepted(List.of(receipt), List.of());
                    }

                    @Override
                    public void refused(ApiError error) {
                        answer.refused(error);
                    }
                });
    }

    private void records(ProduceRequest request, Call call, ProduceAnswer answer) {
        var fixed =
                request.hasPartition()
                        ? OptionalInt.of(
                                PartitionRouter.partition(call.topic, request.getPartition()))
                        : OptionalInt.empty();
        int count = call.topic.partitions().size();
        var placement = new Placement(fixed, count, keylessPartition(call.topic));
        var batches = encoder.encode(request.getRecords(), placement);
        // Nothing is sent before it is known that every partition can be.
        var destinations = batches.stream().map(b -> destination(call, b.partition())).toList();
        var gathered =
                new GatheredReceipts(request.getRecords().getRecordsCount(), batches, answer);
        for (int at = 0; at < batches.size(); at++) {
            append(call, destinations.get(at), batches.get(at).batch(), gathered.listener(at));
        }
    }

    /// Where a batch goes.
    ///
    /// @param replica this node's; empty: away
    /// @param epoch of its leadership; empty: whatever it is
    private record Destination(PartitionId id, Optional<Partition> replica, OptionalInt epoch) {}

    /// @throws ApiException `NOT_LEADER`, `NO_LEADER` for what may not go away
    private Destination destination(Call call, int partition) {
        var id = new PartitionId(call.topic.topicId(), partition);
        if (!call.mayGoAway()) {
            return new Destination(
                    id,
                    Optional.of(router.replica(call.topic, partition, call.leaderEpoch)),
                    call.leaderEpoch);
        }
        return new Destination(
                id,
                router.leadingReplica(call.topic, id),
                OptionalInt.of(call.topic.partitions().get(partition).leaderEpoch()));
    }

    private static void append(
            Call call, Destination destination, ByteBuffer batch, BatchListener listener) {
        var id = destination.id;
        var replica = destination.replica.orElse(null);
        if (replica == null || !mayBeginHere(call, destination)) {
            call.sender.away.add(awayBatch(call, id, batch, listener));
            return;
        }
        var here = new HereBatch(call, id, batch, listener);
        try {
            replica.produce(call.command(batch, destination.epoch), here);
        } catch (RuntimeException e) {
            here.onBatchReleased();
            throw e;
        }
    }

    private static boolean mayBeginHere(Call call, Destination destination) {
        return !call.mayGoAway()
                || call.sender.away.beginHere(destination.id, destination.epoch.orElseThrow());
    }

    private static AwayBatch awayBatch(
            Call call, PartitionId id, ByteBuffer batch, BatchListener listener) {
        var place = new AwayBatch.Place(call.topic.name(), id);
        return new AwayBatch(place, batch, call.acks, call.sender.deadlineMs, listener);
    }

    /// A batch at this node's replica. Should that not lead after all, the batch goes away.
    private static final class HereBatch implements ProduceListener {

        private final Call call;
        private final PartitionId id;
        private final boolean atLeastOnce;
        private final BatchListener listener;
        // Left once it is appended: its bytes are no longer counted then.
        private @Nullable ByteBuffer batch;

        HereBatch(Call call, PartitionId id, ByteBuffer batch, BatchListener listener) {
            this.call = call;
            this.id = id;
            this.batch = batch;
            this.listener = listener;
            this.atLeastOnce = !isSequenced(batch);
        }

        @Override
        public void onBatchReleased() {
            if (batch != null) {
                batch = null;
                listener.bytesReleased();
                ended();
            }
        }

        /// It cannot go away any more, or has gone.
        private void ended() {
            if (call.mayGoAway()) {
                call.sender.away.endHere(id);
            }
        }

        @Override
        public void onOutcome(ProduceOutcome outcome) {
            var unread = batch;
            switch (outcome) {
                case ProduceOutcome.Accepted(var receipt) ->
                        listener.stored(Receipts.of(id, receipt, atLeastOnce));
                case ProduceOutcome.Refused(_, boolean isUnknown)
                        when !isUnknown && unread != null && call.mayGoAway() -> {
                    batch = null;
                    call.sender.away.comeBack(awayBatch(call, id, unread, listener));
                    ended();
                }
                default -> listener.refused(call.errors(id.partition()).of(outcome));
            }
        }
    }

    /// All keyless records of a request go to one partition that this node leads; the next
    /// request's go to the next.
    private int keylessPartition(TopicImage topic) {
        int count = topic.partitions().size();
        int first = Math.floorMod(keylessTurn.getAndIncrement(), count);
        for (int step = 0; step < count; step++) {
            int partition = (first + step) % count;
            if (router.leads(topic, partition)) {
                return partition;
            }
        }
        return first;
    }

    private static boolean isSequenced(ByteBuffer batch) {
        return batch.limit() >= RecordBatchFormat.HEADER_BYTES
                && RecordBatch.peek(batch, 0).hasProducerId();
    }

    private static Acks acks(ProduceRequest request) {
        return switch (request.getAcks()) {
            case ACKS_UNSPECIFIED, ACKS_ALL -> Acks.ALL;
            case ACKS_LEADER -> Acks.LEADER;
            case ACKS_NONE -> Acks.NONE;
            case UNRECOGNIZED ->
                    throw new ApiException(
                            ApiError.badField(
                                    "acks", "has an unknown value: " + request.getAcksValue()));
        };
    }

    private static OptionalInt epoch(ProduceRequest request) {
        return request.hasLeaderEpoch()
                ? OptionalInt.of(request.getLeaderEpoch())
                : OptionalInt.empty();
    }
}
