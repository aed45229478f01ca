// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import dev.weir.broker.partition.core.PushedBatches;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

/// Batches as they came, in the memory of the frame that brought them.
///
/// **Threading:** any thread releases.
final class ReceivedBatches implements PushedBatches {

    private final ByteBuffer bytes;
    private final AtomicReference<@Nullable Runnable> onRelease = new AtomicReference<>();

    ReceivedBatches(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /// What to do when the bytes are given back. Before anybody else sees them.
    void onRelease(Runnable action) {
        onRelease.set(action);
    }

    @Override
    public ByteBuffer buffer() {
        return bytes;
    }

    @Override
    public int sizeBytes() {
        return bytes.remaining();
    }

    @Override
    public void release() {
        var action = onRelease.getAndSet(null);
        if (action != null) {
            action.run();
        }
    }
}
