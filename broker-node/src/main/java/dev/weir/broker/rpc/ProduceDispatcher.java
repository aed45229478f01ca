// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ProduceRequest;
import dev.weir.broker.metrics.RequestMeters;
import dev.weir.broker.partition.ProduceCommand;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.rpc.RecordSetEncoder.Placement;
import dev.weir.metadata.image.TopicImage;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.List;
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

    /// Carries out a request. The message is consumed: its batch is stamped in place.
    ///
    /// @param deadlineMs monotonic; an acknowledgement that comes later is an unknown outcome
    void dispatch(
            ProduceRequest request, Principal principal, long deadlineMs, ProduceAnswer answer) {
        var once = new MeteredAnswer(answer, meters);
        try {
            var topic = router.topic(request.getTopic(), principal, Operation.WRITE);
            var call = new Call(topic, acks(request), epoch(request), deadlineMs, principal.name());
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

    private record Call(
            TopicImage topic,
            Acks acks,
            OptionalInt leaderEpoch,
            long deadlineMs,
            String principal) {

        ProduceCommand command(ByteBuffer batch) {
            return new ProduceCommand(batch, acks, leaderEpoch, deadlineMs, principal);
        }
    }

    private void batch(ProduceRequest request, Call call, ProduceAnswer answer) {
        if (!request.hasPartition()) {
            throw new ApiException(ApiError.badField("partition", "must be set with a batch"));
        }
        int partition = PartitionRouter.partition(call.topic, request.getPartition());
        var replica = router.replica(call.topic, partition, call.leaderEpoch);
        var batch = WritableBytes.of(request.getRecordBatch());
        boolean atLeastOnce = !isSequenced(batch);
        var errors = new PartitionErrors(call.topic.name(), partition, call.leaderEpoch);
        replica.produce(
                call.command(batch),
                new ProduceListener() {
                    @Override
                    public void onBatchReleased() {
                        answer.bytesReleased();
                    }

                    @Override
                    public void onOutcome(ProduceOutcome outcome) {
                        if (outcome instanceof ProduceOutcome.Accepted(var receipt)) {
                            answer.accepted(
                                    Receipts.of(call.topic, partition, receipt, atLeastOnce),
                                    List.of());
                        } else {
                            answer.refused(errors.of(outcome));
                        }
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
        // Nothing is sent before every partition is known to be here.
        var replicas =
                batches.stream()
                        .map(b -> router.replica(call.topic, b.partition(), call.leaderEpoch))
                        .toList();
        var gathered =
                new GatheredReceipts(
                        call.topic, call.leaderEpoch, request.getRecords(), batches, answer);
        for (int at = 0; at < batches.size(); at++) {
            replicas.get(at).produce(call.command(batches.get(at).batch()), gathered.listener(at));
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
