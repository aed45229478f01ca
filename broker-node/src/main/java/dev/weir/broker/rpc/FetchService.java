// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchRequest;
import dev.weir.api.v1.FetchResponse;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.ListOffsetsResponse;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.ReadResponse;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.rpc.Authorizer.Operation;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.OptionalInt;

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
                    var call = new ReadCall(context, request, CallGuard.caller(), answer);
                    ((ServerCallStreamObserver<ReadResponse>) answer)
                            .setOnCancelHandler(call::cancel);
                    call.start();
                });
    }

    @Override
    public void listOffsets(
            ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        refusing(answer, () -> find(request, answer));
    }

    private void find(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
        var epoch =
                request.hasLeaderEpoch()
                        ? OptionalInt.of(request.getLeaderEpoch())
                        : OptionalInt.empty();
        var topic =
                context.router().topic(request.getTopic(), CallGuard.caller(), Operation.DESCRIBE);
        int partition = PartitionRouter.partition(topic, request.getPartition());
        var question =
                Positions.question("position", request.getPosition())
                        .orElseThrow(
                                () ->
                                        new ApiException(
                                                ApiError.badField(
                                                        "position",
                                                        "must be earliest, latest or"
                                                                + " timestamp_ms")));
        var errors = new PartitionErrors(topic.name(), partition, epoch);
        context.router()
                .replica(topic, partition, epoch)
                .listOffsets(
                        question,
                        epoch,
                        outcome -> {
                            if (outcome instanceof ListOffsetsOutcome.Found found) {
                                answer.onNext(response(found));
                                answer.onCompleted();
                            } else {
                                refuse(answer, errors.of(outcome));
                            }
                        });
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
