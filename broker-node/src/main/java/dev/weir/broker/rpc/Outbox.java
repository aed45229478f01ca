// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;

/// The answers of one stream: sent one at a time, in the order they were offered, and only while
/// the transport takes them. Bounded by its users: each lets no more in than it may still answer.
///
/// **Threading:** any thread may offer; whoever finds nobody sending sends.
///
/// @param <T> the message
final class Outbox<T> {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final ServerCallStreamObserver<T> out;
    private final Runnable afterSend;
    private final ArrayDeque<T> queue = new ArrayDeque<>();
    private boolean sending;
    private boolean ended;
    private boolean endOffered;
    private @Nullable Throwable endError;

    /// @param out the stream
    /// @param afterSend run after each message that was sent, by the sending thread
    Outbox(ServerCallStreamObserver<T> out, Runnable afterSend) {
        this.out = out;
        this.afterSend = afterSend;
    }

    /// Queues a message behind the others. Dropped when the stream has ended.
    void offer(T message) {
        synchronized (queue) {
            if (ended || endOffered) {
                return;
            }
            queue.add(message);
        }
        drain();
    }

    /// Completes the stream once everything offered before is sent.
    void complete() {
        end(null);
    }

    /// Ends the stream with an error once everything offered before is sent. A reader that does not
    /// read hears it at once: what is queued is dropped.
    void fail(Throwable error) {
        synchronized (queue) {
            if (!out.isReady()) {
                queue.clear();
            }
        }
        end(error);
    }

    /// The stream is gone: nothing is sent any more.
    void discard() {
        synchronized (queue) {
            ended = true;
            queue.clear();
        }
    }

    /// The transport takes messages again.
    void onReady() {
        drain();
    }

    /// Messages not sent yet.
    int size() {
        synchronized (queue) {
            return queue.size();
        }
    }

    private void end(@Nullable Throwable error) {
        synchronized (queue) {
            if (ended || endOffered) {
                return;
            }
            endOffered = true;
            endError = error;
        }
        drain();
    }

    private void drain() {
        synchronized (queue) {
            if (sending) {
                return;
            }
            sending = true;
        }
        for (var next = next(); next != null; next = next()) {
            send(next);
            afterSend.run();
        }
    }

    private void send(T message) {
        try {
            out.onNext(message);
        } catch (IllegalStateException | StatusRuntimeException closed) {
            // The call ended under our hands; its handler for that does the rest.
            discard();
        } catch (RuntimeException | Error broken) {
            // gRPC has closed the call. Nobody would hear what else is queued.
            LOG.error("An answer could not be sent", broken);
            discard();
        }
    }

    /// The next message to send; null when there is none now, and then nobody is sending.
    private @Nullable T next() {
        boolean endsNow;
        synchronized (queue) {
            if (!queue.isEmpty() && !ended && out.isReady()) {
                return queue.remove();
            }
            sending = false;
            endsNow = queue.isEmpty() && endOffered && !ended;
            ended |= endsNow;
        }
        if (endsNow) {
            finish();
        }
        return null;
    }

    private void finish() {
        if (out.isCancelled()) {
            return;
        }
        if (endError == null) {
            out.onCompleted();
        } else {
            out.onError(endError);
        }
    }
}
