// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.api.internal.v1.BrokerBeat;
import dev.weir.api.internal.v1.ControllerServiceGrpc;
import dev.weir.api.internal.v1.OpenBrokerSession;
import dev.weir.api.internal.v1.SessionRequest;
import dev.weir.api.internal.v1.SessionResponse;
import dev.weir.metadata.controller.BrokerSession;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A broker's heartbeat stream, kept up to whichever node leads: within milliseconds of a break, of
/// a new leader, or of a new controller's activation.
///
/// To this node's own controller it stays open whoever leads, as that one listens only while it
/// does.
///
/// **Threading:** state belongs to the timer's thread; everything else only enqueues.
///
/// **Bound:** one stream at a time, one beat on its way at a time.
final class RemoteSession implements BrokerSession {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteSession.class);

    /// Between two looks while there is no stream: an election is over within some hundred
    /// milliseconds, and every one of them counts.
    private static final long LOOK_MS = 20;

    private static final long LOOK_MAX_MS = 100;

    private final ControllerAccess access;
    private final ScheduledExecutorService turns;
    private final int nodeId;
    private final UUID incarnation;
    private final Consumer<RemoteSession> onClose;
    private final @Nullable BrokerSession local;

    private @Nullable Stream stream;
    private OptionalInt hint = OptionalInt.empty();
    private long failures;
    private boolean isLookDue;
    private volatile boolean isClosed;
    private volatile BrokerBeat lastBeat = BrokerBeat.getDefaultInstance();

    RemoteSession(
            ControllerAccess access,
            ScheduledExecutorService turns,
            int nodeId,
            UUID incarnation,
            Consumer<RemoteSession> onClose) {
        this.access = access;
        this.turns = turns;
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.onClose = onClose;
        var controller = access.local();
        this.local = controller == null ? null : controller.openSession(nodeId, incarnation);
    }

    void start() {
        look();
    }

    /// Any thread: see whether the stream goes where it should.
    void look() {
        enqueue(this::lookNow);
    }

    @Override
    public void heartbeat(long metadataOffset, long oldestWorkMs) {
        if (isClosed) {
            return;
        }
        lastBeat =
                BrokerBeat.newBuilder()
                        .setMetadataOffset(metadataOffset)
                        .setOldestWorkMs(oldestWorkMs)
                        .build();
        if (local != null) {
            local.heartbeat(metadataOffset, oldestWorkMs);
        }
        enqueue(
                () -> {
                    lookNow();
                    if (stream != null) {
                        stream.beat();
                    }
                });
    }

    @Override
    public void close() {
        isClosed = true;
        if (local != null) {
            local.close();
        }
        enqueue(this::drop);
        onClose.accept(this);
    }

    private void enqueue(Runnable turn) {
        try {
            turns.execute(turn);
        } catch (RejectedExecutionException closing) {
            LOG.debug("a session hears nothing more: the node stops", closing);
        }
    }

    private void lookNow() {
        if (isClosed) {
            drop();
            return;
        }
        var leader = access.leader().get();
        var target = leader.isPresent() ? leader : hint;
        if (stream != null && (target.isEmpty() || stream.target == target.getAsInt())) {
            return;
        }
        drop();
        if (target.isPresent() && target.getAsInt() == access.nodeId()) {
            // The local session says it all.
            return;
        }
        if (target.isEmpty() || !connect(target.getAsInt())) {
            hint = OptionalInt.empty();
            lookLater();
        }
    }

    private boolean connect(int target) {
        var channel = access.channels().apply(target);
        if (channel == null) {
            return false;
        }
        var opened = new Stream(target);
        stream = opened;
        ControllerServiceGrpc.newStub(channel).session(opened);
        opened.open();
        return true;
    }

    private void drop() {
        if (stream != null) {
            stream.end();
            stream = null;
        }
    }

    private void ended(Stream over, OptionalInt newHint, String reason) {
        if (stream != over) {
            return;
        }
        stream = null;
        failures++;
        hint = newHint;
        if (failures == 1) {
            LOG.info("the stream to controller {} ended: {}", over.target, reason);
        }
        // The first time at once: the leader may just have said who follows it.
        if (failures == 1 && newHint.isPresent() && newHint.getAsInt() != over.target) {
            lookNow();
        } else {
            lookLater();
        }
    }

    private void lookLater() {
        if (isLookDue || isClosed) {
            return;
        }
        isLookDue = true;
        long pauseMs = Math.min(LOOK_MAX_MS, LOOK_MS * (1 + failures / 20));
        try {
            var _ =
                    turns.schedule(
                            () -> {
                                isLookDue = false;
                                lookNow();
                            },
                            pauseMs,
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("a session hears nothing more: the node stops", closing);
        }
    }

    /// One stream to one node.
    private final class Stream implements ClientResponseObserver<SessionRequest, SessionResponse> {

        private final int target;
        private @Nullable ClientCallStreamObserver<SessionRequest> requests;

        private Stream(int target) {
            this.target = target;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<SessionRequest> observer) {
            requests = observer;
        }

        private void open() {
            send(
                    SessionRequest.newBuilder()
                            .setOpen(
                                    OpenBrokerSession.newBuilder()
                                            .setNodeId(nodeId)
                                            .setIncarnation(WireValues.id(incarnation)))
                            .build());
        }

        /// A beat that the transport does not take now would be late anyway: the next one is newer.
        private void beat() {
            if (requests != null && requests.isReady()) {
                send(SessionRequest.newBuilder().setBeat(lastBeat).build());
            }
        }

        private void send(SessionRequest message) {
            try {
                if (requests != null) {
                    requests.onNext(message);
                }
            } catch (IllegalStateException over) {
                LOG.debug("a session's stream is over", over);
            }
        }

        private void end() {
            if (requests != null) {
                requests.cancel("the session goes elsewhere, or ends", null);
            }
        }

        @Override
        public void onNext(SessionResponse response) {
            switch (response.getMessageCase()) {
                case OPENED -> enqueue(this::opened);
                case NOT_CONTROLLER -> {
                    var newHint = OutcomeCodec.hint(response.getNotController());
                    enqueue(() -> ended(this, newHint, "it does not lead"));
                }
                case MESSAGE_NOT_SET -> {}
            }
        }

        private void opened() {
            if (stream == this) {
                failures = 0;
                LOG.info("the stream to controller {} is up", target);
                beat();
            }
        }

        @Override
        public void onError(Throwable failure) {
            var status = Status.fromThrowable(failure);
            enqueue(
                    () ->
                            ended(
                                    this,
                                    OptionalInt.empty(),
                                    status.getCode() + " " + status.getDescription()));
        }

        @Override
        public void onCompleted() {
            enqueue(() -> ended(this, OptionalInt.empty(), "it ended the stream"));
        }
    }
}
