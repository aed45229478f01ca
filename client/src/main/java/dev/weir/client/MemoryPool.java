// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/// A producer's memory: arrays that are in use and arrays kept for use, together never more than
/// the limit. Any thread.
final class MemoryPool {

    private final long limitBytes;
    private final Map<Integer, ArrayDeque<byte[]>> free = new HashMap<>();
    private long freeBytes;
    private long usedBytes;
    private volatile int waiters;

    MemoryPool(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /// Whether someone waits for memory.
    boolean isShort() {
        return waiters > 0;
    }

    synchronized long usedBytes() {
        return usedBytes;
    }

    /// An array of exactly this size, if there is one within the limit.
    synchronized byte @Nullable [] tryTake(int sizeBytes) {
        if (usedBytes + sizeBytes > limitBytes) {
            return null;
        }
        usedBytes += sizeBytes;
        var kept = free.get(sizeBytes);
        if (kept != null && !kept.isEmpty()) {
            freeBytes -= sizeBytes;
            return kept.pop();
        }
        while (usedBytes + freeBytes > limitBytes) {
            forgetOne();
        }
        return new byte[sizeBytes];
    }

    /// Waits for an array.
    ///
    /// @param deadlineNs monotonic time
    /// @return `null` if the deadline came first, or the thread was interrupted, which its flag
    ///   tells
    synchronized byte @Nullable [] take(int sizeBytes, long deadlineNs) {
        waiters++;
        try {
            while (true) {
                var memory = tryTake(sizeBytes);
                long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                if (memory != null || leftMs <= 0) {
                    return memory;
                }
                wait(leftMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            waiters--;
        }
    }

    /// Takes an array back for use by others.
    synchronized void giveBack(byte[] memory) {
        usedBytes -= memory.length;
        free.computeIfAbsent(memory.length, _ -> new ArrayDeque<>()).push(memory);
        freeBytes += memory.length;
        notifyAll();
    }

    /// Counts an array as no longer in use; somebody may still look at it, so it is not used again.
    synchronized void forget(byte[] memory) {
        usedBytes -= memory.length;
        notifyAll();
    }

    private void forgetOne() {
        for (var kept : free.values()) {
            var memory = kept.poll();
            if (memory != null) {
                freeBytes -= memory.length;
                return;
            }
        }
        throw new IllegalStateException("freeBytes " + freeBytes + " without free memory");
    }
}
