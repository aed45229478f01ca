// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.rpc.Status;

import dev.weir.api.v1.Acks;
import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceResponse;
import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/// One produce stream: credit, answers, and the end of silence.
///
/// Three bounds keep it small: the sender's credit, the requests without an answer that was sent
/// ([ApiLimits#UNANSWERED_MAX]), and the node's [MemoryBudget]. Where the last two are reached the
/// stream is not read, so the sender feels HTTP/2 flow control; overrunning the credit is an error
/// of that request.
///
/// **Threading:** inbound events come one at a time; answers on any thread. The counters are
/// guarded by `this`, and nothing is called while it is held.
final class ProduceStream implements StreamObserver<ProduceRequest>, OpenStreams.Stream {

    private final ProduceContext context;
    private final Principal principal;
    private final ServerCallStreamObserver<ProduceResponse> call;
    private final Outbox<ProduceResponse> outbox;
    private final SerialTurns encoding;
    private final AwayBatches away;
    private final long ackTimeoutMs;
    private final IdleWatch idle;

    private final AtomicBoolean closed = new AtomicBoolean();
    private long creditBytes;
    private long owedBytes;
    private int unanswered;
    private boolean inboundPaused;
    private boolean halfClosed;
    private boolean stopping;

    ProduceStream(
            ProduceContext context,
            Principal principal,
            ServerCallStreamObserver<ProduceResponse> call) {
        this.context = context;
        this.away = context.away(principal, null);
        this.ackTimeoutMs = Deadlines.currentMs(ApiLimits.ACK_TIMEOUT_MS);
        this.principal = principal;
        this.call = call;
        this.outbox = new Outbox<>(call, this::onAnswerSent);
        this.encoding = new SerialTurns(context.workers());
        this.creditBytes = context.limits().produceCreditBytes();
        this.idle =
                new IdleWatch(
                        context.timers(),
                        context.limits().streamIdleMs(),
                        this::owesNothing,
                        this::endIdle);
    }

    void start() {
        call.disableAutoRequest();
        call.setOnReadyHandler(outbox::onReady);
        call.setOnCancelHandler(this::onCancelled);
        context.streams().add(this);
        context.meters().streams("produce", 1);
        idle.start();
        call.request(1);
    }

    @Override
    public void onNext(ProduceRequest request) {
        idle.touch();
        int size = request.getSerializedSize();
        boolean overrun;
        long held;
        synchronized (this) {
            unanswered++;
            held = creditBytes;
            overrun = size > creditBytes;
            if (!overrun) {
                creditBytes -= size;
            }
        }
        if (overrun) {
            refuse(request, 0, overrun(size, held));
            requestNext();
            return;
        }
        context.meters().produceReceived(size);
        var admission =
                context.budget()
                        .acquire(
                                size,
                                () -> {
                                    process(request, size);
                                    requestNext();
                                });
        switch (admission) {
            case ADMITTED -> {
                process(request, size);
                requestNext();
            }
            case WAITS -> context.meters().budgetWait();
            case REFUSED -> {
                refuse(request, size, Overload.ofMemory(context.budget()));
                requestNext();
            }
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        onCancelled();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            halfClosed = true;
        }
        completeWhenAnswered();
    }

    @Override
    public void stop() {
        synchronized (this) {
            stopping = true;
        }
        away.stop();
        completeWhenAnswered();
    }

    private void process(ProduceRequest request, int size) {
        if (!request.hasRecords() && encoding.isIdle()) {
            dispatch(request, size);
            return;
        }
        // Later batches wait for the encoding before them, or sequences would overtake each other.
        try {
            encoding.run(() -> dispatch(request, size));
        } catch (RejectedExecutionException full) {
            context.budget().release(size);
            refuse(request, size, Overload.ofWorkers());
        }
    }

    private void dispatch(ProduceRequest request, int size) {
        long deadlineMs = StreamTimers.nowMs() + ackTimeoutMs;
        var sender = new ProduceDispatcher.Sender(principal, deadlineMs, away);
        context.dispatcher().dispatch(request, sender, new Answer(request, size));
    }

    /// Keeps of the request only what its answer needs: the bytes are given back long before.
    private final class Answer implements ProduceAnswer {

        private final long requestId;
        private final boolean silent;
        private final int size;

        Answer(ProduceRequest request, int size) {
            this.requestId = request.getRequestId();
            this.silent = request.getAcks() == Acks.ACKS_NONE;
            this.size = size;
        }

        @Override
        public void bytesReleased() {
            context.budget().release(size);
        }

        @Override
        public void accepted(List<Receipt> receipts, List<RecordPosition> positions) {
            if (silent) {
                acceptSilently(size);
            } else {
                var response = ProduceResponse.newBuilder().setRequestId(requestId);
                send(response.addAllReceipts(receipts), size);
            }
        }

        @Override
        public void refused(ApiError error) {
            var response = ProduceResponse.newBuilder().setRequestId(requestId);
            send(response.setError(status(error)), size);
        }
    }

    private void refuse(ProduceRequest request, int size, ApiError error) {
        context.meters().refused("produce", error.reason().name());
        var response = ProduceResponse.newBuilder().setRequestId(request.getRequestId());
        send(response.setError(status(error)), size);
    }

    private void send(ProduceResponse.Builder response, int size) {
        long granted;
        synchronized (this) {
            granted = size + owedBytes;
            owedBytes = 0;
            creditBytes += granted;
        }
        outbox.offer(response.setCreditBytes(granted).build());
    }

    /// Nothing is said, but the credit must come back: with the next answer, or alone when there is
    /// none to come or much is owed.
    private void acceptSilently(int size) {
        boolean alone;
        synchronized (this) {
            owedBytes += size;
            alone = unanswered == 1 || owedBytes >= context.limits().produceCreditBytes() / 4;
            if (!alone) {
                unanswered--;
            }
        }
        if (alone) {
            send(ProduceResponse.newBuilder(), 0);
        } else {
            resume();
        }
    }

    private void onAnswerSent() {
        idle.touch();
        synchronized (this) {
            unanswered--;
        }
        resume();
    }

    private void resume() {
        boolean resumes;
        synchronized (this) {
            resumes = inboundPaused && takesMore();
            inboundPaused &= !resumes;
        }
        if (resumes) {
            call.request(1);
        }
        completeWhenAnswered();
    }

    private void requestNext() {
        boolean requests;
        synchronized (this) {
            requests = takesMore();
            inboundPaused = !requests;
        }
        if (requests) {
            call.request(1);
        }
    }

    private boolean takesMore() {
        return !halfClosed && !stopping && unanswered < ApiLimits.UNANSWERED_MAX;
    }

    private void completeWhenAnswered() {
        boolean complete;
        boolean stopped;
        synchronized (this) {
            complete = (halfClosed || stopping) && unanswered == 0;
            stopped = !halfClosed;
        }
        if (!complete) {
            return;
        }
        close();
        if (stopped) {
            outbox.fail(ErrorMapping.toException(context.stopping()));
        } else {
            outbox.complete();
        }
    }

    private synchronized boolean owesNothing() {
        return unanswered == 0;
    }

    private void endIdle() {
        close();
        outbox.fail(ErrorMapping.toException(context.idle()));
    }

    private void onCancelled() {
        close();
        outbox.discard();
    }

    private void close() {
        if (closed.compareAndSet(false, true)) {
            idle.close();
            away.close();
            context.streams().remove(this);
            context.meters().streams("produce", -1);
        }
    }

    private static Status status(ApiError error) {
        return ErrorMapping.toStatus(error);
    }

    private static ApiError overrun(long size, long held) {
        return ApiError.of(
                        ErrorReason.CREDIT_OVERRUN,
                        "a request of "
                                + size
                                + " bytes came with a credit of "
                                + held
                                + " left; wait for credit_bytes in answers")
                .with("credit", held)
                .violating("credit", "at most " + held + " bytes");
    }
}
