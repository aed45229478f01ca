// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.FetchServiceGrpc.FetchServiceStub;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.ListOffsetsResponse;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.ReadResponse;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.OffsetQuestion;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.log.PartitionId;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;
import java.util.function.Consumer;

/// `weir.v1.FetchService`. Nothing here blocks.
final class FetchService extends FetchServiceGrpc.FetchServiceImplBase {

    private final FetchContext context;

    FetchService(FetchContext context) {
        this.context = context;
    }

    @Override
    public StreamObserver<FetchRequest> fetch(StreamObserver<FetchResponse> answers) {
        var call = (ServerCallStreamObserver<FetchResponse>) answers;
        var stream = new FetchStream(context, CallGuard.caller(), call);
        stream.start();
        return stream;
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadResponse> answer) {
        refusing(
                answer,
                () -> {
                    ReadCall.check(request);
                    var epoch = epoch(request.hasLeaderEpoch(), request.getLeaderEpoch());
                    var subject =
                            subject(
                                    new Asked(
                                            request.getTopic(),
                                            request.getPartition(),
                                            Operation.READ,
                                            epoch),
                                    request.getMaxWaitMs());
                    start(subject, epoch, new ReadQuestion(request, subject.errors(), answer));
                });
    }

    @Override
    public void listOffsets(
            ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        refusing(
                answer,
                () -> {
                    var epoch = epoch(request.hasLeaderEpoch(), request.getLeaderEpoch());
                    var subject =
                            subject(
                                    new Asked(
                                            request.getTopic(),
                                            request.getPartition(),
                                            Operation.DESCRIBE,
                                            epoch),
                                    0);
                    start(subject, epoch, new OffsetsQuestion(request, subject.errors(), answer));
                });
    }

    /// What a request names.
    private record Asked(
            TopicRef topic, int partition, Operation operation, OptionalInt leaderEpoch) {}

    private LeaderCall.Subject subject(Asked asked, long waitMs) {
        var principal = CallGuard.caller();
        var topic = context.router().topic(asked.topic, principal, asked.operation);
        int partition = PartitionRouter.partition(topic, asked.partition);
        return new LeaderCall.Subject(
                principal,
                new PartitionId(topic.topicId(), partition),
                new PartitionErrors(topic.name(), partition, asked.leaderEpoch),
                StreamTimers.nowMs() + Deadlines.currentMs(ApiLimits.ACK_TIMEOUT_MS + waitMs));
    }

    /// Another node's question is answered here or not at all.
    private <A> void start(
            LeaderCall.Subject subject, OptionalInt epoch, LocalQuestion<A> question) {
        var call =
                new LeaderCall<>(
                        context.forwarding(), context.router().partitions(), subject, question);
        question.answer.setOnCancelHandler(
                () -> {
                    call.cancel();
                    question.cancel();
                });
        if (CallGuard.isForwarded()) {
            question.ask(context.router().replica(subject.partition(), epoch), question::refused);
        } else {
            call.attempt();
        }
    }

    /// A question that this service can answer from a replica.
    private abstract class LocalQuestion<A> implements LeaderCall.Question<A> {

        final ServerCallStreamObserver<A> answer;

        LocalQuestion(StreamObserver<A> answer) {
            this.answer = (ServerCallStreamObserver<A>) answer;
        }

        abstract void ask(Partition replica, Consumer<ApiError> onRefused);

        /// The caller went away.
        void cancel() {}

        @Override
        public final void here(Partition replica, LeaderCall<A> attempt) {
            ask(
                    replica,
                    error -> {
                        if (error.reason() == ErrorReason.NODE_STOPPING) {
                            refused(error);
                        } else {
                            attempt.refused(error);
                        }
                    });
        }

        @Override
        public final void answered(A response) {
            answer.onNext(response);
            answer.onCompleted();
        }

        @Override
        public final void refused(ApiError error) {
            refuse(answer, error);
        }
    }

    private final class ReadQuestion extends LocalQuestion<ReadResponse> {

        private final ReadRequest request;
        private final PartitionErrors errors;
        private volatile @Nullable ReadCall under;

        ReadQuestion(
                ReadRequest request, PartitionErrors errors, StreamObserver<ReadResponse> answer) {
            super(answer);
            this.request = request;
            this.errors = errors;
        }

        @Override
        void ask(Partition replica, Consumer<ApiError> onRefused) {
            var place = new ReadCall.Place(replica, errors, answer, onRefused);
            var call = new ReadCall(context, request, place);
            under = call;
            call.start();
        }

        @Override
        void cancel() {
            var call = under;
            if (call != null) {
                call.cancel();
            }
        }

        @Override
        public void there(FetchServiceStub leader, StreamObserver<ReadResponse> observer) {
            leader.read(request, observer);
        }
    }

    private final class OffsetsQuestion extends LocalQuestion<ListOffsetsResponse> {

        private final ListOffsetsRequest request;
        private final PartitionErrors errors;
        private final OffsetQuestion question;

        OffsetsQuestion(
                ListOffsetsRequest request,
                PartitionErrors errors,
                StreamObserver<ListOffsetsResponse> answer) {
            super(answer);
            this.request = request;
            this.errors = errors;
            this.question =
                    Positions.question("position", request.getPosition())
                            .orElseThrow(
                                    () ->
                                            new ApiException(
                                                    ApiError.badField(
                                                            "position",
                                                            "must be earliest, latest or"
                                                                    + " timestamp_ms")));
        }

        @Override
        void ask(Partition replica, Consumer<ApiError> onRefused) {
            replica.listOffsets(
                    question,
                    errors.requestEpoch(),
                    outcome -> {
                        if (outcome instanceof ListOffsetsOutcome.Found found) {
                            answered(response(found));
                        } else {
                            onRefused.accept(errors.of(outcome));
                        }
                    });
        }

        @Override
        public void there(FetchServiceStub leader, StreamObserver<ListOffsetsResponse> observer) {
            leader.listOffsets(request, observer);
        }
    }

    private static OptionalInt epoch(boolean isNamed, int epoch) {
        return isNamed ? OptionalInt.of(epoch) : OptionalInt.empty();
    }

    private static ListOffsetsResponse response(ListOffsetsOutcome.Found found) {
        var response =
                ListOffsetsResponse.newBuilder()
                        .setOffset(found.offset())
                        .setLeaderEpoch(found.leaderEpoch())
                        .setLogStartOffset(found.logStartOffset())
                        .setHighWatermark(found.highWatermark());
        found.timestampMs().ifPresent(response::setTimestampMs);
        return response.build();
    }

    private void refusing(StreamObserver<?> answer, Runnable call) {
        try {
            call.run();
        } catch (ApiException e) {
            refuse(answer, e.error());
        }
    }

    private void refuse(StreamObserver<?> answer, ApiError error) {
        context.meters().refused("fetch", error.reason().name());
        answer.onError(ErrorMapping.toException(error));
    }
}
