// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.net.NodeChannels;
import dev.weir.metadata.record.Endpoint;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// This node's way to one that it follows, on one lane: a stream that is opened when a partition
/// has something to say, and again, after a pause, when one has after a break.
///
/// ```
///            send                 hello answered
///   idle ─────────▶ connecting ─────────────────▶ agreed
///     ▲                  │ end                      │ end
///     └──── pause ◀──────┴──────────────────────────┘   (20 ms, doubled up to 500 ms)
/// ```
///
/// **Threading:** any thread; the state is guarded by `this`, and nobody is called while it is
/// held.
final class OutgoingLink {

    private static final int PAUSE_MIN_MS = 20;
    private static final int PAUSE_MAX_MS = 500;

    /// Messages that wait for a pause to end; sessions are opened one a partition.
    private static final int PENDING_MAX = FrameOutbox.MESSAGES_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(OutgoingLink.class);

    private final LinkStream.Peer peer;
    private final LinkContext context;
    private final NodeChannels channels;
    private final ScheduledExecutorService timer;
    private List<Addressed> pending = new ArrayList<>();
    private @Nullable Attempt attempt;
    private boolean scheduled;
    private int failures;
    private long notBeforeNs;

    OutgoingLink(
            LinkStream.Peer peer,
            LinkContext context,
            NodeChannels channels,
            ScheduledExecutorService timer) {
        this.peer = peer;
        this.context = context;
        this.channels = channels;
        this.timer = timer;
        this.notBeforeNs = System.nanoTime();
    }

    /// Sends, now or when the stream is there, or loses the message.
    void send(Addressed message) {
        Attempt current;
        synchronized (this) {
            current = attempt;
            if (current == null) {
                if (pending.size() >= PENDING_MAX || context.isClosed()) {
                    message.release();
                    return;
                }
                pending.add(message);
                if (scheduled) {
                    return;
                }
                scheduled = true;
            }
        }
        if (current != null) {
            current.stream().send(message);
        } else {
            schedule();
        }
    }

    void tick() {
        var current = current();
        if (current != null) {
            current.stream().tick();
        }
    }

    /// Ends the stream if it goes to another address or process than it should.
    void expect(Endpoint address, @Nullable UUID incarnation) {
        var current = current();
        if (current == null) {
            return;
        }
        var seen = current.stream().peerIncarnation();
        if (!current.address.equals(address)) {
            current.stream().end("the node has another address", null);
        } else if (incarnation != null && seen != null && !seen.equals(incarnation)) {
            current.stream().end("the node has another process", null);
        }
    }

    void end(String reason) {
        var current = current();
        if (current != null) {
            current.stream().end(reason, null);
        }
    }

    private synchronized @Nullable Attempt current() {
        return attempt;
    }

    private void schedule() {
        long waitNs;
        synchronized (this) {
            waitNs = Math.max(0, notBeforeNs - System.nanoTime());
        }
        try {
            var _ = timer.schedule(this::connect, waitNs, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("no more streams: the node stops", stopping);
        }
    }

    /// A link that failed here would wait for ever for what is scheduled already.
    private void connect() {
        if (context.isClosed()) {
            return;
        }
        Attempt opened = null;
        try {
            opened = attempt(channels.address(peer.node()));
            handOver(opened);
        } catch (RuntimeException | Error e) {
            LOG.error("No stream to node {}", peer.node(), e);
            if (opened != null) {
                opened.stream().end("it could not be opened", e);
            }
            handOver(null);
        }
    }

    /// Sends what waits, and from then on everything, on the attempt; without one it is lost.
    private void handOver(@Nullable Attempt opened) {
        for (var waiting = taken(opened); !waiting.isEmpty(); waiting = taken(opened)) {
            if (opened == null) {
                waiting.forEach(this::lose);
            } else {
                waiting.forEach(opened.stream()::send);
            }
        }
        if (opened != null) {
            opened.begin();
            if (context.isClosed()) {
                opened.stream().end("this node stops", null);
            }
        }
    }

    private @Nullable Attempt attempt(Optional<Endpoint> address) {
        if (address.isEmpty()) {
            LOG.debug("node {} has no address yet", peer.node());
            return null;
        }
        try {
            return new Attempt(address.get());
        } catch (RuntimeException e) {
            LOG.error("No stream to node {} at {}", peer.node(), address.get(), e);
            return null;
        }
    }

    /// What waits; if nothing does, from now on messages go to the attempt itself, behind those
    /// that have waited.
    private synchronized List<Addressed> taken(@Nullable Attempt opened) {
        var waiting = pending;
        pending = new ArrayList<>();
        if (waiting.isEmpty()) {
            scheduled = false;
            if (opened == null) {
                pauseAfterFailure();
            } else if (!opened.over) {
                attempt = opened;
            }
        }
        return waiting;
    }

    private void lose(Addressed message) {
        message.release();
        context.inbox().linkBroken(peer.node(), peer.lane(), message.partition());
    }

    private void pauseAfterFailure() {
        long pauseMs = Math.min(PAUSE_MAX_MS, (long) PAUSE_MIN_MS << Math.min(failures, 10));
        failures++;
        notBeforeNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
    }

    /// One connection, and the call on it.
    private final class Attempt implements ClientResponseObserver<Frame, Frame>, LinkStream.Side {

        private final Endpoint address;
        private final ManagedChannel channel;
        private @Nullable ClientCallStreamObserver<Frame> call;
        private @Nullable LinkStream stream;

        /// Guarded by the link.
        private boolean over;

        Attempt(Endpoint address) {
            this.address = address;
            this.channel = channels.open(address);
            ClientCalls.asyncBidiStreamingCall(
                    channel.newCall(
                            Replication.METHOD,
                            CallOptions.DEFAULT.withOnReadyThreshold(Replication.READY_BYTES)),
                    this);
        }

        LinkStream stream() {
            return known(stream);
        }

        private ClientCallStreamObserver<Frame> call() {
            return known(call);
        }

        private static <T> T known(@Nullable T part) {
            if (part == null) {
                throw new IllegalStateException("the call has not started");
            }
            return part;
        }

        /// Before the call starts: nothing has come yet.
        @Override
        public void beforeStart(ClientCallStreamObserver<Frame> requests) {
            call = requests;
            stream = new LinkStream(peer, context, requests, this);
            requests.disableAutoRequestWithInitial(0);
            requests.setOnReadyHandler(this::onReady);
        }

        /// Says hello, and listens.
        void begin() {
            try {
                call().onNext(
                                Frame.of(
                                        new Hello.OfFollower(
                                                Hello.PROTOCOL_VERSION,
                                                context.clusterId(),
                                                context.nodeId(),
                                                context.incarnation(),
                                                peer.lane(),
                                                peer.node())));
                call().request(1);
            } catch (IllegalStateException over) {
                stream().end("the call was over at once", over);
            }
        }

        private void onReady() {
            stream().onReady();
        }

        @Override
        public void onNext(Frame frame) {
            if (stream().isAgreed()) {
                stream().received(frame);
            } else if (frame.hello() instanceof Hello.OfLeader hello
                    && hello.nodeId() == peer.node()) {
                synchronized (OutgoingLink.this) {
                    failures = 0;
                }
                stream().agreed(hello.incarnation());
                call().request(1);
            } else {
                frame.release();
                stream().end("the peer did not say who it is", null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            var status = Status.fromThrowable(failure);
            if (status.getCode() == Status.Code.FAILED_PRECONDITION) {
                LOG.warn("node {} refuses replication: {}", peer.node(), status.getDescription());
            }
            stream().end("the connection failed", failure);
        }

        @Override
        public void onCompleted() {
            stream().end("the peer ended it", null);
        }

        @Override
        public String role() {
            return "following";
        }

        @Override
        public void onEnd(LinkStream ended) {
            synchronized (OutgoingLink.this) {
                over = true;
                if (attempt == this) {
                    attempt = null;
                }
                pauseAfterFailure();
            }
        }

        @Override
        public void close() {
            call().cancel("the stream was given up", null);
            channel.shutdownNow();
        }
    }
}
