// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.disk.DiskFile;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// The zero-filled, synced space ahead of a head, made in growing steps by a background thread.
///
/// Writing into it needs no allocation and its flush changes no file-system structure, which is 2
/// to 4 times cheaper. It is only ever a help: a writer that needs more than there is takes over
/// and grows the file itself, and the step under way stops. The two never write to one place: each
/// chunk of zeros goes behind the end of the file under the lock, and only while the writer has not
/// taken over.
///
/// **Threading:** [#beforeWrite], [#afterWrite], [#stop] by the log's writer; one background task
/// at a time.
final class HeadSpace {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int BACK_OFF_STEPS = 4;
    private static final int FLUSH_EVERY_BYTES = 4 * CHUNK_BYTES;

    private final DiskFile file;
    private final long limitBytes;
    private final int lastStepBytes;
    private final SpaceBudget budget;
    private final Executor background;
    private final Runnable onGrown;
    private final ReentrantLock lock = new ReentrantLock();
    // Reserved from the budget and not yet written over.
    private final AtomicLong reserved = new AtomicLong();
    private volatile long allocatedBytes;
    private volatile boolean taskPending;
    private volatile int stepBytes;
    // No step begins before the head is here: after one that did not help, the next would not.
    private volatile long notBefore;
    private boolean takenOver; // guarded by lock
    private boolean stopped; // guarded by lock

    /// @param limitBytes never allocates above this size
    /// @param onGrown told by the background thread after each step
    HeadSpace(
            DiskFile file,
            long limitBytes,
            Steps steps,
            SpaceBudget budget,
            Executor background,
            Runnable onGrown) {
        this.file = file;
        this.limitBytes = limitBytes;
        this.stepBytes = steps.firstBytes();
        this.lastStepBytes = steps.lastBytes();
        this.budget = budget;
        this.background = background;
        this.onGrown = onGrown;
        this.allocatedBytes = file.sizeBytes();
    }

    /// @param firstBytes the next step
    /// @param lastBytes where doubling ends
    record Steps(int firstBytes, int lastBytes) {}

    /// The size of the next step: a following segment begins with it.
    int stepBytes() {
        return stepBytes;
    }

    /// Counts space that came with the file.
    void adopt(long bytes) {
        reserved.addAndGet(bytes);
    }

    /// To be called before a write that ends here.
    void beforeWrite(long endPosition) {
        if (endPosition <= allocatedBytes) {
            return;
        }
        lock.lock();
        try {
            takenOver = true;
        } finally {
            lock.unlock();
        }
    }

    /// To be called after a write; may start the next step.
    ///
    /// @param writtenBytes how many were written
    /// @param endPosition where they ended
    void afterWrite(long writtenBytes, long endPosition) {
        var consumed = Math.min(writtenBytes, reserved.get());
        if (consumed > 0) {
            giveBack(consumed);
        }
        if (endPosition > allocatedBytes) {
            allocatedBytes = endPosition;
        }
        if (!taskPending
                && endPosition >= notBefore
                && allocatedBytes < limitBytes
                && allocatedBytes - endPosition < stepBytes / 4) {
            startStep();
        }
    }

    private void startStep() {
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            takenOver = false;
        } finally {
            lock.unlock();
        }
        taskPending = true;
        try {
            background.execute(this::step);
        } catch (RejectedExecutionException e) {
            taskPending = false; // The directory is closing.
        }
    }

    /// Stops for good. On return no zeros will be written any more.
    void stop() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        giveBack(reserved.get());
    }

    private void step() {
        try {
            var step = Math.min(stepBytes, limitBytes - allocatedBytes);
            if (step <= 0) {
                return;
            }
            if (!budget.tryReserve(step)) {
                notBefore = allocatedBytes + stepBytes;
                return;
            }
            reserved.addAndGet(step);
            var grown = grow(step);
            if (grown < step) {
                // The writer is faster than zeros can be made.
                notBefore = allocatedBytes + BACK_OFF_STEPS * (long) stepBytes;
                giveBack(step - grown);
            }
            if (grown > 0) {
                stepBytes = (int) Math.min(lastStepBytes, 2L * stepBytes);
                onGrown.run();
            }
        } catch (LogException e) {
            // Full or failed: the writer will meet it itself if it matters.
            notBefore = allocatedBytes + stepBytes;
            giveBack(reserved.get());
        } finally {
            taskPending = false;
        }
    }

    /// @return bytes allocated; fewer than asked for if the writer took over
    private long grow(long step) {
        var grown = 0L;
        while (grown < step) {
            lock.lock();
            try {
                if (stopped || takenOver) {
                    return grown;
                }
                var from = file.sizeBytes();
                var chunk = Math.min(CHUNK_BYTES, step - grown);
                file.allocate(from, from + chunk);
                allocatedBytes = from + chunk;
                grown += chunk;
            } finally {
                lock.unlock();
            }
            // Now and then, because a flush of the batches waits for all the zeros there are.
            if (grown % FLUSH_EVERY_BYTES == 0 || grown == step) {
                file.flush();
            }
        }
        return grown;
    }

    private void giveBack(long bytes) {
        for (var left = reserved.get(); left > 0; left = reserved.get()) {
            var part = Math.min(left, bytes);
            if (part <= 0) {
                return;
            }
            if (reserved.compareAndSet(left, left - part)) {
                budget.free(part);
                return;
            }
        }
    }
}
