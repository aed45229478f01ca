// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.ReadResponse;
import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PendingFetch;

import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// One unary read: finds the start, waits for a record if asked to, decodes, answers once.
///
/// **Threading:** continues on whatever thread answers; decodes on a worker.
final class ReadCall implements OpenStreams.Stream {

    private static final int DEFAULT_RECORDS = 500;
    private static final int RECORDS_MAX = 10_000;
    private static final int WAIT_MS_MAX = 30_000;

    private final FetchContext context;
    private final ReadRequest request;
    private final StreamObserver<ReadResponse> answer;
    private final Partition replica;
    private final OptionalInt leaderEpoch;
    private final PartitionErrors errors;
    private final Consumer<ApiError> onRefused;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile @Nullable PendingFetch parked;
    private volatile @Nullable Future<?> timer;

    /// Where a read goes, and what becomes of it.
    ///
    /// @param replica is asked
    /// @param answer told the records
    /// @param onRefused told why there are none, instead
    record Place(
            Partition replica,
            PartitionErrors errors,
            StreamObserver<ReadResponse> answer,
            Consumer<ApiError> onRefused) {}

    ReadCall(FetchContext context, ReadRequest request, Place place) {
        this.context = context;
        this.request = request;
        this.answer = place.answer;
        this.leaderEpoch = place.errors.requestEpoch();
        this.errors = place.errors;
        this.replica = place.replica;
        this.onRefused = place.onRefused;
    }

    /// @throws ApiException what is wrong with the request, whoever leads
    static void check(ReadRequest request) {
        notNegative("max_records", request.getMaxRecords());
        notNegative("max_bytes", request.getMaxBytes());
        notNegative("max_wait_ms", request.getMaxWaitMs());
    }

    /// @throws ApiException what is wrong with the start position
    void start() {
        var question = Positions.question("start", request.getStart());
        if (question.isPresent()) {
            replica.listOffsets(question.get(), leaderEpoch, this::onFound);
            return;
        }
        long offset = request.getStart().getOffset();
        if (offset < 0) {
            var status = replica.status();
            throw new ApiException(
                    errors.outOfRange(offset, status.logStartOffset(), status.highWatermark()));
        }
        fetch(offset, request.getMaxWaitMs() > 0);
    }

    /// The caller went away.
    void cancel() {
        answered.set(true);
        context.streams().remove(this);
        withdraw();
    }

    /// The node stops: a waiting read ends now.
    @Override
    public void stop() {
        withdraw();
        refuse(StreamEnds.stopping());
    }

    private void onFound(ListOffsetsOutcome outcome) {
        if (outcome instanceof ListOffsetsOutcome.Found found) {
            fetch(found.offset(), request.getMaxWaitMs() > 0);
        } else {
            refuse(errors.of(outcome));
        }
    }

    private void fetch(long offset, boolean wait) {
        var command = new FetchCommand(offset, bytesMax(), leaderEpoch, wait);
        var fetch = replica.fetch(command, outcome -> onOutcome(offset, outcome));
        if (wait) {
            parked = fetch;
            long waitMs = Math.min(request.getMaxWaitMs(), WAIT_MS_MAX);
            timer = context.timers().after(waitMs, () -> onWaitOver(offset));
            context.streams().add(this);
            if (answered.get()) {
                context.streams().remove(this);
                withdraw();
            }
        }
    }

    private void onWaitOver(long offset) {
        var fetch = parked;
        if (fetch != null && fetch.cancel()) {
            fetch(offset, false);
        }
    }

    private void onOutcome(long offset, FetchOutcome outcome) {
        var waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
        if (!(outcome instanceof FetchOutcome.Data data)) {
            refuse(errors.of(outcome));
            return;
        }
        try {
            context.workers().execute(() -> decode(offset, data));
        } catch (RejectedExecutionException full) {
            data.slice().release();
            refuse(Overload.ofWorkers());
        }
    }

    private void decode(long offset, FetchOutcome.Data data) {
        try {
            var limits = new StoredRecords.Limits(recordsMax(), bytesMax());
            var records = StoredRecords.decode(data.slice(), offset, limits, errors);
            context.meters().fetched(data.slice().sizeBytes());
            if (answered.compareAndSet(false, true)) {
                context.streams().remove(this);
                answer.onNext(
                        ReadResponse.newBuilder()
                                .addAllRecords(records.records())
                                .setNextOffset(records.nextOffset())
                                .setHighWatermark(data.highWatermark())
                                .setLogStartOffset(data.logStartOffset())
                                .setLeaderEpoch(data.leaderEpoch())
                                .build());
                answer.onCompleted();
            }
        } catch (ApiException e) {
            refuse(e.error());
        } finally {
            data.slice().release();
        }
    }

    private void refuse(ApiError error) {
        if (answered.compareAndSet(false, true)) {
            context.streams().remove(this);
            onRefused.accept(error);
        }
    }

    private void withdraw() {
        var fetch = parked;
        if (fetch != null) {
            fetch.cancel();
        }
        var waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private int recordsMax() {
        int wanted = request.getMaxRecords();
        return wanted == 0 ? DEFAULT_RECORDS : Math.min(wanted, RECORDS_MAX);
    }

    private int bytesMax() {
        int wanted = request.getMaxBytes();
        int most = context.limits().readBytesMax();
        return wanted == 0 ? most : Math.min(wanted, most);
    }

    private static void notNegative(String field, int value) {
        if (value < 0) {
            throw new ApiException(ApiError.badField(field, "must be 0 or more, not " + value));
        }
    }
}
