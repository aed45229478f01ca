// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;

/// Bytes of requests that the node holds at once, over all connections. What does not fit waits, in
/// the order it came, and its stream is not read further; when as many bytes wait as fit, the rest
/// is refused. What waits is in memory too: at most twice the limit is there at a time, but for a
/// single request that is larger than the limit.
///
/// **Threading:** any thread. A waiter runs outside the lock, on the thread that made room for it
/// or on one that is letting others in.
public final class MemoryBudget {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryBudget.class);

    private final long limitBytes;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long usedBytes;
    private long waitingBytes;
    private final ArrayDeque<Runnable> admitted = new ArrayDeque<>();
    private boolean running;

    /// What became of a request for room.
    public enum Admission {
        /// The bytes are counted; release them when the request is answered.
        ADMITTED,
        /// The continuation will run once the bytes are counted.
        WAITS,
        /// Nothing is counted and nothing will run.
        REFUSED
    }

    private record Waiting(long bytes, Runnable continuation) {}

    /// @param limitBytes how many bytes may be held at once; a single larger request fits alone
    public MemoryBudget(long limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limit " + limitBytes + " <= 0");
        }
        this.limitBytes = limitBytes;
    }

    /// Counts the bytes now, or later, or not at all.
    ///
    /// @param bytes size of the request, in bytes
    /// @param continuation run once, later, only after [Admission#WAITS]
    public Admission acquire(long bytes, Runnable continuation) {
        synchronized (waiting) {
            if (waiting.isEmpty() && fits(bytes)) {
                usedBytes += bytes;
                return Admission.ADMITTED;
            }
            if (waitingBytes + bytes > limitBytes) {
                return Admission.REFUSED;
            }
            waitingBytes += bytes;
            waiting.add(new Waiting(bytes, continuation));
            return Admission.WAITS;
        }
    }

    /// Counts the bytes if they fit now.
    public boolean tryAcquire(long bytes) {
        synchronized (waiting) {
            boolean admitted = waiting.isEmpty() && fits(bytes);
            if (admitted) {
                usedBytes += bytes;
            }
            return admitted;
        }
    }

    /// Counts bytes that are here already, whether or not they fit: others wait for them.
    void charge(long bytes) {
        synchronized (waiting) {
            usedBytes += bytes;
        }
    }

    /// Gives bytes back and lets those in that waited for them.
    public void release(long bytes) {
        synchronized (waiting) {
            usedBytes -= bytes;
            if (usedBytes < 0) {
                throw new IllegalStateException("released more bytes than were held: " + bytes);
            }
            for (var next = waiting.peek();
                    next != null && fits(next.bytes);
                    next = waiting.peek()) {
                waiting.remove();
                waitingBytes -= next.bytes;
                usedBytes += next.bytes;
                admitted.add(next.continuation);
            }
            if (running || admitted.isEmpty()) {
                return;
            }
            running = true;
        }
        runAdmitted();
    }

    /// What was let in may give its bytes back at once, and so let in the next: one after the
    /// other, never one inside the other.
    private void runAdmitted() {
        for (var next = nextAdmitted(); next != null; next = nextAdmitted()) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                // The others that were let in have nothing to do with it.
                LOG.error("A request that had waited for memory failed", e);
            }
        }
    }

    private @Nullable Runnable nextAdmitted() {
        synchronized (waiting) {
            var next = admitted.poll();
            running = next != null;
            return next;
        }
    }

    /// Bytes held now.
    public long usedBytes() {
        synchronized (waiting) {
            return usedBytes;
        }
    }

    /// Most bytes held at once.
    public long limitBytes() {
        return limitBytes;
    }

    private boolean fits(long bytes) {
        return usedBytes == 0 || usedBytes + bytes <= limitBytes;
    }
}
