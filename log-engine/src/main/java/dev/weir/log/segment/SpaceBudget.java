// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import java.util.concurrent.atomic.AtomicLong;

/// Space that one directory may have allocated ahead of all its logs' heads.
///
/// **Threading:** any thread.
public final class SpaceBudget {

    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    /// @param bytesMax in bytes
    public SpaceBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// Takes bytes, or none.
    boolean tryReserve(long bytes) {
        if (used.addAndGet(bytes) > bytesMax) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void free(long bytes) {
        used.addAndGet(-bytes);
    }

    /// Bytes allocated and not yet written.
    public long usedBytes() {
        return used.get();
    }
}
