// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.ListOffsetsResponse;
import dev.weir.api.v1.Subscribe;
import dev.weir.record.RecordBatch;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/// Pushes a batch at a time, within the credit; looks for more whenever it hears something or
/// [#pushMore] is called.
final class FakeFetchService extends FetchServiceGrpc.FetchServiceImplBase {

    private final FakeNode node;
    private final Queue<Stream> streams = new ConcurrentLinkedQueue<>();

    /// What the wire does to a batch.
    volatile UnaryOperator<byte[]> wire = bytes -> bytes;

    /// Most bytes that were ever on their way.
    volatile long outstandingMax;

    FakeFetchService(FakeNode node) {
        this.node = node;
    }

    void pushMore() {
        streams.forEach(Stream::push);
    }

    void cutAll() {
        streams.forEach(Stream::cut);
    }

    @Override
    public void listOffsets(
            ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        long end = node.partition(request.getTopic().getName(), request.getPartition()).endOffset();
        answer.onNext(
                ListOffsetsResponse.newBuilder()
                        .setOffset(request.getPosition().getEarliest() ? 0 : end)
                        .setHighWatermark(end)
                        .build());
        answer.onCompleted();
    }

    /// Streams that were opened.
    int streams() {
        return streams.size();
    }

    @Override
    public StreamObserver<FetchRequest> fetch(StreamObserver<FetchResponse> pushes) {
        var stream = new Stream(pushes);
        streams.add(stream);
        return stream;
    }

    private final class Stream implements StreamObserver<FetchRequest> {

        private final StreamObserver<FetchResponse> pushes;
        private final Map<Integer, Subscribe> subscriptions = new LinkedHashMap<>();
        private final Map<Integer, Long> nextOffsets = new LinkedHashMap<>();
        private long creditBytes;
        private long grantedFirst = -1;
        private boolean isEnded;

        Stream(StreamObserver<FetchResponse> pushes) {
            this.pushes = pushes;
        }

        @Override
        public synchronized void onNext(FetchRequest request) {
            switch (request.getRequestCase()) {
                case GRANT_BYTES -> {
                    creditBytes += request.getGrantBytes();
                    grantedFirst = Math.max(grantedFirst, creditBytes);
                }
                case SUBSCRIBE -> subscribe(request.getSubscribe());
                case UNSUBSCRIBE -> {
                    subscriptions.remove(request.getUnsubscribe().getSubscriptionId());
                    nextOffsets.remove(request.getUnsubscribe().getSubscriptionId());
                }
                case REQUEST_NOT_SET -> throw new IllegalStateException();
            }
            push();
        }

        private void subscribe(Subscribe subscribe) {
            var partition =
                    node.partition(subscribe.getTopic().getName(), subscribe.getPartition());
            long end = partition.endOffset();
            var start = subscribe.getStart();
            long offset = start.getEarliest() ? 0 : start.getLatest() ? end : start.getOffset();
            var response =
                    FetchResponse.newBuilder().setSubscriptionId(subscribe.getSubscriptionId());
            if (offset < 0 || offset > end) {
                pushes.onNext(
                        response.setError(
                                        FakeNode.status(
                                                Status.Code.OUT_OF_RANGE, "OFFSET_OUT_OF_RANGE", 0))
                                .build());
                return;
            }
            subscriptions.put(subscribe.getSubscriptionId(), subscribe);
            nextOffsets.put(subscribe.getSubscriptionId(), offset);
            pushes.onNext(response.setStartOffset(offset).setHighWatermark(end).build());
        }

        synchronized void push() {
            for (var entry : subscriptions.entrySet()) {
                while (!isEnded && creditBytes > 0) {
                    var subscribe = entry.getValue();
                    var partition =
                            node.partition(
                                    subscribe.getTopic().getName(), subscribe.getPartition());
                    ByteBuffer batch = partition.batchFrom(nextOffsets.get(entry.getKey()));
                    if (batch == null) {
                        break;
                    }
                    creditBytes -= batch.limit();
                    outstandingMax = Math.max(outstandingMax, grantedFirst - creditBytes);
                    nextOffsets.put(entry.getKey(), RecordBatch.at(batch, 0).nextOffset());
                    pushes.onNext(
                            FetchResponse.newBuilder()
                                    .setSubscriptionId(entry.getKey())
                                    .setHighWatermark(partition.endOffset())
                                    .setRecordBatches(
                                            ByteString.copyFrom(wire.apply(batch.array().clone())))
                                    .build());
                }
            }
        }

        synchronized void cut() {
            if (!isEnded) {
                isEnded = true;
                pushes.onError(Status.UNAVAILABLE.asRuntimeException());
            }
        }

        @Override
        public synchronized void onError(Throwable t) {
            isEnded = true;
        }

        @Override
        public synchronized void onCompleted() {
            isEnded = true;
            pushes.onCompleted();
        }
    }
}
