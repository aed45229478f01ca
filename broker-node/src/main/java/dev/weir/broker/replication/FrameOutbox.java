// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.metrics.LinkMeters;
import dev.weir.broker.partition.core.ReplicaMessage;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.CallStreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What one stream has to send: in order, several messages a frame, and only while the transport
/// takes it. What waits here is not in the network's memory; pushes stand in mapped segments.
///
/// **Threading:** any thread offers; whoever finds nobody sending sends.
///
/// **Bound:** [#MESSAGES_MAX] and [#BYTES_MAX]; an offer beyond them is refused, and its stream
/// ends.
final class FrameOutbox {

    /// Messages that may wait.
    static final int MESSAGES_MAX = 65_536;

    /// Bytes that may wait.
    static final long BYTES_MAX = 32L << 20;

    /// Waiting bytes from which on no push is admitted.
    static final long GATE_CLOSES_BYTES = 1 << 20;

    /// Waiting bytes at which pushes are admitted again.
    static final long GATE_OPENS_BYTES = GATE_CLOSES_BYTES / 2;

    /// No further message is put into a frame of this size, in bytes.
    private static final int FRAME_BYTES = 512 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(FrameOutbox.class);
    private static final Frame SIGN_OF_LIFE = Frame.of(List.of());

    private final CallStreamObserver<Frame> call;
    private final Owner owner;
    private final LinkMeters meters;
    private final ArrayDeque<Addressed> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean open;
    private boolean sending;
    private boolean ended;
    private boolean gateClosed;
    private boolean signDue;
    private boolean sentSinceTick;

    /// The stream that sends through this outbox.
    interface Owner {

        /// The call failed under a message.
        void onSendFailed(Throwable failure);

        /// Fewer bytes wait: pushes are admitted again.
        void onGateOpened();

        /// Ends the call. Nobody is sending, and nobody will.
        void finish();
    }

    FrameOutbox(CallStreamObserver<Frame> call, Owner owner, LinkMeters meters) {
        this.call = call;
        this.owner = owner;
        this.meters = meters;
    }

    /// From now on messages go out.
    void open() {
        synchronized (queue) {
            open = true;
        }
        drain();
    }

    /// Queues a message behind the others.
    ///
    /// @return false if it was dropped: too much waits, or the stream has ended
    boolean offer(Addressed message) {
        int size = message.sizeBytes();
        boolean taken;
        synchronized (queue) {
            taken = !ended && queue.size() < MESSAGES_MAX && queuedBytes + size <= BYTES_MAX;
            if (taken) {
                queue.add(message);
                queuedBytes += size;
                gateClosed |= queuedBytes >= GATE_CLOSES_BYTES;
            }
        }
        if (!taken) {
            message.release();
        } else if (!Cork.current().holds(this)) {
            drain();
        }
        return taken;
    }

    /// Whether a push may be offered now.
    boolean admits() {
        synchronized (queue) {
            return open && !ended && !gateClosed;
        }
    }

    /// Sees to it that something is sent in each interval between two calls.
    void tick() {
        synchronized (queue) {
            signDue = !sentSinceTick;
            sentSinceTick = false;
        }
        drain();
    }

    /// Drops what waits and lets the owner end the call as soon as nobody is sending.
    void end() {
        List<Addressed> dropped;
        boolean finishes;
        synchronized (queue) {
            if (ended) {
                return;
            }
            ended = true;
            dropped = List.copyOf(queue);
            queue.clear();
            queuedBytes = 0;
            finishes = !sending;
            sending = true;
        }
        dropped.forEach(Addressed::release);
        if (finishes) {
            owner.finish();
        }
    }

    /// Messages not sent yet.
    int size() {
        synchronized (queue) {
            return queue.size();
        }
    }

    /// Sends what the transport takes.
    void drain() {
        synchronized (queue) {
            if (sending) {
                return;
            }
            sending = true;
        }
        while (true) {
            Frame next;
            boolean over;
            boolean gateOpened;
            synchronized (queue) {
                over = ended;
                next = over ? null : next();
                sending = over || next != null;
                gateOpened = gateClosed && queuedBytes <= GATE_OPENS_BYTES;
                gateClosed &= !gateOpened;
            }
            if (next != null) {
                send(next);
            }
            if (gateOpened) {
                owner.onGateOpened();
            }
            if (over) {
                owner.finish();
            }
            if (next == null) {
                return;
            }
        }
    }

    private @Nullable Frame next() {
        if (!open || !call.isReady()) {
            return null;
        }
        if (queue.isEmpty()) {
            boolean sign = signDue;
            signDue = false;
            return sign ? SIGN_OF_LIFE : null;
        }
        signDue = false;
        sentSinceTick = true;
        var messages = new ArrayList<Addressed>();
        int bytes = 0;
        do {
            var message = queue.remove();
            bytes += message.sizeBytes();
            messages.add(message);
        } while (!queue.isEmpty() && bytes + queue.element().sizeBytes() <= FRAME_BYTES);
        queuedBytes -= bytes;
        return Frame.of(messages);
    }

    private void send(Frame frame) {
        try {
            call.onNext(frame);
            count(frame);
        } catch (IllegalStateException | StatusRuntimeException closed) {
            owner.onSendFailed(closed);
        } catch (RuntimeException | Error broken) {
            // A mapped page that cannot be read, for one. gRPC has closed the call.
            LOG.error("A replication frame could not be sent", broken);
            owner.onSendFailed(broken);
        } finally {
            frame.release();
        }
    }

    private void count(Frame frame) {
        for (var addressed : frame.messages()) {
            if (addressed.message() instanceof ReplicaMessage.Push push) {
                meters.pushed(push.batches().sizeBytes());
            }
        }
    }
}
