// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.AppendResponse;
import dev.weir.api.v1.InitProducerRequest;
import dev.weir.api.v1.InitProducerResponse;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;
import dev.weir.broker.metadata.ProducerIds;
import dev.weir.broker.rpc.Authorizer.Operation;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// `weir.v1.ProduceService`. Nothing here blocks, and structured records are encoded on a worker.
final class ProduceService extends ProduceServiceGrpc.ProduceServiceImplBase {

    private final ProduceContext context;
    private final Access access;
    private final ProducerIds producerIds;

    ProduceService(ProduceContext context, Access access, ProducerIds producerIds) {
        this.context = context;
        this.access = access;
        this.producerIds = producerIds;
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> answers) {
        var call = (ServerCallStreamObserver<ProduceResponse>) answers;
        var stream = new ProduceStream(context, CallGuard.caller(), call);
        stream.start();
        return stream;
    }

    @Override
    public void append(AppendRequest request, StreamObserver<AppendResponse> answer) {
        // An observer without a handler for it throws when the caller has gone away.
        ((ServerCallStreamObserver<AppendResponse>) answer).setOnCancelHandler(() -> {});
        int size = request.getSerializedSize();
        context.meters().produceReceived(size);
        if (!context.budget().tryAcquire(size)) {
            refuse(answer, Overload.ofMemory(context.budget()));
            return;
        }
        var once = new AppendAnswer(answer, size);
        var principal = CallGuard.caller();
        var away = context.away(principal, Context.current().getDeadline());
        once.whenAnswered(away::close);
        long deadlineMs = StreamTimers.nowMs() + Deadlines.currentMs(ApiLimits.ACK_TIMEOUT_MS);
        var sender = new ProduceDispatcher.Sender(principal, deadlineMs, away);
        Runnable dispatch = () -> context.dispatcher().dispatch(asProduce(request), sender, once);
        if (!request.hasRecords()) {
            dispatch.run();
            return;
        }
        try {
            context.workers().execute(dispatch);
        } catch (RejectedExecutionException full) {
            once.bytesReleased();
            once.refused(Overload.ofWorkers());
        }
    }

    @Override
    public void initProducer(
            InitProducerRequest request, StreamObserver<InitProducerResponse> answer) {
        try {
            access.requireCluster(CallGuard.caller(), Operation.WRITE);
            ((ServerCallStreamObserver<InitProducerResponse>) answer).setOnCancelHandler(() -> {});
            if (request.hasProducerId()) {
                checkIdentity(request);
                producerIds.nextEpoch(
                        request.getProducerId(),
                        request.getProducerEpoch(),
                        given -> answer(answer, given));
            } else {
                producerIds.fresh(given -> answer(answer, given));
            }
        } catch (ApiException e) {
            refuse(answer, e.error());
        }
    }

    private static void checkIdentity(InitProducerRequest request) {
        int epoch = request.getProducerEpoch();
        boolean good =
                request.hasProducerEpoch()
                        && epoch >= 0
                        && epoch <= Short.MAX_VALUE
                        && request.getProducerId() >= 0;
        if (!good) {
            throw new ApiException(
                    ApiError.badField(
                            "producer_epoch",
                            "must be the producer's last one, 0 to 32767, and producer_id 0 or"
                                    + " more"));
        }
    }

    private void answer(StreamObserver<InitProducerResponse> answer, ProducerIds.Answer given) {
        switch (given) {
            case ProducerIds.Answer.Given(var id, var epoch) -> answer(answer, response(id, epoch));
            case ProducerIds.Answer.Fenced(var last) ->
                    refuse(
                            answer,
                            ApiError.of(
                                            ErrorReason.PRODUCER_FENCED,
                                            "another instance of this producer has epoch " + last)
                                    .with("epoch", last));
            case ProducerIds.Answer.Failed(var outcome) ->
                    refuse(answer, ControllerErrors.of(outcome));
            case ProducerIds.Answer.Busy() ->
                    refuse(
                            answer,
                            ApiError.of(
                                    ErrorReason.NODE_OVERLOADED,
                                    "too many callers wait for producer ids; repeat"));
        }
    }

    private static InitProducerResponse response(long id, int epoch) {
        return InitProducerResponse.newBuilder().setProducerId(id).setProducerEpoch(epoch).build();
    }

    private static ProduceRequest asProduce(AppendRequest request) {
        var produce =
                ProduceRequest.newBuilder()
                        .setTopic(request.getTopic())
                        .setAcksValue(request.getAcksValue());
        if (request.hasPartition()) {
            produce.setPartition(request.getPartition());
        }
        if (request.hasLeaderEpoch()) {
            produce.setLeaderEpoch(request.getLeaderEpoch());
        }
        switch (request.getPayloadCase()) {
            case RECORDS -> produce.setRecords(request.getRecords());
            case RECORD_BATCH -> produce.setRecordBatch(request.getRecordBatch());
            case PAYLOAD_NOT_SET -> {}
        }
        return produce.build();
    }

    private static <T> void answer(StreamObserver<T> answer, T response) {
        answer.onNext(response);
        answer.onCompleted();
    }

    private void refuse(StreamObserver<?> answer, ApiError error) {
        context.meters().refused("produce", error.reason().name());
        answer.onError(ErrorMapping.toException(error));
    }

    private final class AppendAnswer implements ProduceAnswer {

        private final StreamObserver<AppendResponse> answer;
        private final int size;
        private volatile Runnable afterAnswer = () -> {};

        AppendAnswer(StreamObserver<AppendResponse> answer, int size) {
            this.answer = answer;
            this.size = size;
        }

        void whenAnswered(Runnable after) {
            afterAnswer = after;
        }

        @Override
        public void bytesReleased() {
            context.budget().release(size);
        }

        @Override
        public void accepted(List<Receipt> receipts, List<RecordPosition> positions) {
            answer(
                    answer,
                    AppendResponse.newBuilder()
                            .addAllReceipts(receipts)
                            .addAllPositions(positions)
                            .build());
            afterAnswer.run();
        }

        @Override
        public void refused(ApiError error) {
            answer.onError(ErrorMapping.toException(error));
            afterAnswer.run();
        }
    }
}
