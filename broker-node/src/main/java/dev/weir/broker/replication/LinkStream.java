// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.Lane;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.log.PartitionId;

import io.grpc.stub.CallStreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// One stream with another node, seen from either side, from its first byte to its end.
///
/// It ends once, for whatever reason, and then tells every partition that used it. A peer that says
/// nothing for [#SILENT_TICKS_MAX] ticks is taken for dead; ticks that this process slept through
/// count once, and those in which it did not listen do not count.
///
/// **Threading:** inbound frames come one at a time; everything else on any thread.
final class LinkStream implements FrameOutbox.Owner {

    /// Time between two ticks, in ms.
    static final int TICK_MS = 400;

    static final int SILENT_TICKS_MAX = 3;

    /// Partitions that may have used one stream. Above it, after many topics came and went, it
    /// begins anew.
    private static final int USERS_MAX = 1_000_000;

    /// Answers are sent after so many messages of a frame.
    private static final int CORKED_MAX = 16;

    private static final Logger LOG = LoggerFactory.getLogger(LinkStream.class);

    private final Peer peer;
    private final LinkContext context;
    private final CallStreamObserver<Frame> call;
    private final Side side;
    private final FrameOutbox outbox;
    private final Set<PartitionId> users = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable UUID peerIncarnation;
    private volatile boolean paused;
    private volatile boolean heard;
    private int silentTicks;

    /// The other end of a stream.
    ///
    /// @param node its node id
    /// @param lane of the stream
    record Peer(int node, Lane lane) {}

    /// What the two sides do differently.
    interface Side {

        /// What this node does on the stream, for people.
        String role();

        /// The stream will end: it is no longer to be found.
        void onEnd(LinkStream stream);

        /// Ends the call. Nobody sends on it any more.
        void close();
    }

    LinkStream(Peer peer, LinkContext context, CallStreamObserver<Frame> call, Side side) {
        this.peer = peer;
        this.context = context;
        this.call = call;
        this.side = side;
        this.outbox = new FrameOutbox(call, this, context.meters());
    }

    /// Both sides have said who they are: messages go out.
    void agreed(UUID incarnation) {
        synchronized (this) {
            if (ended.get()) {
                return;
            }
            peerIncarnation = incarnation;
        }
        heard = true;
        context.meters().links(1);
        outbox.open();
        context.gate(peer).open();
    }

    /// Whether both sides have said who they are.
    synchronized boolean isAgreed() {
        return peerIncarnation != null;
    }

    Peer peer() {
        return peer;
    }

    /// The peer's process; null before it said so.
    @Nullable UUID peerIncarnation() {
        return peerIncarnation;
    }

    /// Sends, or drops and tells the partition.
    void send(Addressed message) {
        users.add(message.partition());
        if (outbox.offer(message)) {
            return;
        }
        if (ended.get()) {
            // Perhaps it came too late to be among those who were told.
            tell(message.partition());
        } else {
            end("more waits for it than may", null);
        }
    }

    boolean admits() {
        return outbox.admits();
    }

    void onReady() {
        outbox.drain();
    }

    /// Takes a frame, and asks for the next one when there is room.
    void received(Frame frame) {
        heard = true;
        int held = pushes(frame) > 0 ? frame.heldBytes() : 0;
        if (held == 0) {
            deliver(frame, 0);
            call.request(1);
            return;
        }
        paused = true;
        switch (context.budget(peer.lane()).acquire(held, () -> resumed(frame, held))) {
            case ADMITTED -> resumed(frame, held);
            case WAITS -> LOG.debug("node {}: a frame waits for memory", peer.node());
            case REFUSED -> {
                frame.release();
                end("no memory for its frames", null);
            }
        }
    }

    private void resumed(Frame frame, int held) {
        paused = false;
        heard = true;
        deliver(frame, held);
        call.request(1);
    }

    private void deliver(Frame frame, int held) {
        if (held > 0) {
            var left = new AtomicInteger(pushes(frame));
            frame.messages().forEach(one -> countDown(one, left, held));
        }
        if (ended.get()) {
            frame.release();
            return;
        }
        var cork = Cork.current();
        cork.begin();
        try {
            int delivered = 0;
            for (var addressed : frame.messages()) {
                deliver(addressed);
                if (++delivered % CORKED_MAX == 0) {
                    cork.flush();
                }
            }
        } catch (RuntimeException | Error e) {
            // Whatever was delivered is released by its receiver; a second release does nothing.
            LOG.error("A message of node {} could not be taken", peer.node(), e);
            frame.release();
            end("a message could not be taken", e);
        } finally {
            cork.end();
        }
    }

    private void deliver(Addressed addressed) {
        if (addressed.message() instanceof ReplicaMessage.OpenSession open
                && open.lane() != peer.lane()) {
            end("a session came on the wrong lane", null);
            return;
        }
        users.add(addressed.partition());
        context.inbox()
                .receive(peer.node(), peer.lane(), addressed.partition(), addressed.message());
    }

    private void countDown(Addressed addressed, AtomicInteger left, int held) {
        if (addressed.message() instanceof ReplicaMessage.Push push
                && push.batches() instanceof ReceivedBatches batches) {
            context.meters().received(batches.sizeBytes());
            batches.onRelease(
                    () -> {
                        if (left.decrementAndGet() == 0) {
                            context.budget(peer.lane()).release(held);
                        }
                    });
        }
    }

    private static int pushes(Frame frame) {
        int pushes = 0;
        for (var addressed : frame.messages()) {
            if (addressed.message() instanceof ReplicaMessage.Push push
                    && push.batches() instanceof ReceivedBatches) {
                pushes++;
            }
        }
        return pushes;
    }

    /// By the timer, one call at a time. A stream that cannot be watched over is given up: its
    /// peer's silence would not be noticed.
    void tick() {
        try {
            watchOver();
        } catch (RuntimeException | Error e) {
            LOG.error("The stream with node {} could not be watched over", peer.node(), e);
            end("it could not be watched over", e);
        }
    }

    private void watchOver() {
        if (paused || heard) {
            heard = false;
            silentTicks = 0;
        } else if (++silentTicks >= SILENT_TICKS_MAX) {
            end("silence for " + SILENT_TICKS_MAX * TICK_MS + " ms", null);
            return;
        }
        if (users.size() > USERS_MAX) {
            end("too many partitions have used it", null);
            return;
        }
        outbox.tick();
        if (outbox.admits()) {
            context.gate(peer).open();
        }
    }

    @Override
    public void onSendFailed(Throwable failure) {
        end("a frame could not be sent", failure);
    }

    @Override
    public void onGateOpened() {
        context.gate(peer).open();
    }

    @Override
    public void finish() {
        side.close();
    }

    /// Ends the stream; only the first reason counts.
    void end(String reason, @Nullable Throwable cause) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (isAgreed()) {
            context.meters().links(-1);
            context.meters().linkBroken();
            LOG.atInfo()
                    .addKeyValue("node", peer.node())
                    .addKeyValue("role", side.role())
                    .addKeyValue("lane", peer.lane())
                    .addKeyValue("reason", reason)
                    .setCause(LOG.isDebugEnabled() ? cause : null)
                    .log("replication stream ended");
        } else {
            LOG.debug("no replication stream with {}: {}", peer, reason, cause);
        }
        side.onEnd(this);
        outbox.end();
        context.gate(peer).open();
        users.forEach(this::tell);
    }

    private void tell(PartitionId user) {
        if (!context.isClosed()) {
            context.inbox().linkBroken(peer.node(), peer.lane(), user);
        }
    }
}
