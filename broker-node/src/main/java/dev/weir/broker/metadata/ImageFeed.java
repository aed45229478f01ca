// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.ImageListener;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Carries images from the thread that applies metadata, which must not wait, to a thread that may:
/// only the newest one is kept.
///
/// **Threading:** the apply thread calls the listener; one thread of its own calls the follower.
public final class ImageFeed implements ImageListener, AutoCloseable {

    private final Consumer<ClusterImage> follower;
    private final BiConsumer<String, Throwable> onFailure;
    private final AtomicReference<@Nullable ClusterImage> newest = new AtomicReference<>();
    private final Object signal = new Object();
    private final Thread thread;
    private boolean closed;

    /// @param follower told the newest image; may block
    /// @param onFailure told, once, when the follower throws; nothing is followed afterwards
    public ImageFeed(Consumer<ClusterImage> follower, BiConsumer<String, Throwable> onFailure) {
        this.follower = follower;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, "weir-metadata-feed");
        thread.setDaemon(true);
    }

    /// Begins to follow.
    public void start() {
        thread.start();
    }

    @Override
    public void onSnapshot(ClusterImage image) {
        offer(image);
    }

    @Override
    public void onDelta(ClusterImage image, ImageDelta delta) {
        offer(image);
    }

    /// Ends after the image that is being followed.
    @Override
    public void close() {
        synchronized (signal) {
            closed = true;
            signal.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void offer(ClusterImage image) {
        newest.accumulateAndGet(image, ImageFeed::newer);
        synchronized (signal) {
            signal.notifyAll();
        }
    }

    private static ClusterImage newer(@Nullable ClusterImage waiting, ClusterImage offered) {
        return waiting != null && waiting.offset() > offered.offset() ? waiting : offered;
    }

    private void run() {
        try {
            while (awaitImage()) {
                var image = newest.getAndSet(null);
                if (image != null) {
                    follower.accept(image);
                }
            }
        } catch (Throwable e) {
            // An error of the process too: its heartbeats would go on, and it would be elected.
            onFailure.accept("the node cannot follow the metadata: " + e, e);
        }
    }

    /// @return `false` when closed
    private boolean awaitImage() {
        synchronized (signal) {
            while (!closed && newest.get() == null) {
                try {
                    signal.wait();
                } catch (InterruptedException e) {
                    return false;
                }
            }
            return !closed;
        }
    }
}
