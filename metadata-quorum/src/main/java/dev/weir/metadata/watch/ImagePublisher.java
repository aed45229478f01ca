// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.WatchEvent.DropReason;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The newest image of this node, and everyone who wants to hear of the next.
///
/// **Threading:** the apply thread publishes; everything else may be called by any thread.
///
/// **Invariant:** offsets only rise, for every reader and every listener.
public final class ImagePublisher implements AutoCloseable {

    private volatile ClusterImage image = ClusterImage.EMPTY;

    /// Guards the lists, and makes the first call to a listener come before any other.
    private final Object lock = new Object();

    private final List<ImageListener> listeners = new ArrayList<>();
    private final List<QueuedWatch> watches = new ArrayList<>();
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private boolean isClosed;

    /// The newest image.
    public ClusterImage image() {
        return image;
    }

    /// A whole image replaces the current one. Apply thread.
    ///
    /// @throws IllegalStateException if it is older than the current one
    public void publish(ClusterImage newest) {
        List<Waiter> served;
        synchronized (lock) {
            requireForward(newest, newest.offset() >= image.offset());
            image = newest;
            listeners.forEach(listener -> listener.onSnapshot(newest));
            watches.forEach(watch -> watch.offerSnapshot(newest));
            watches.removeIf(QueuedWatch::isOver);
            served = waitersServedBy(newest);
        }
        served.forEach(waiter -> waiter.future().complete(newest));
    }

    /// The next image. Apply thread.
    ///
    /// @throws IllegalStateException if it is not newer than the current one
    public void publish(ClusterImage newest, ImageDelta delta) {
        List<Waiter> served;
        synchronized (lock) {
            requireForward(newest, newest.offset() > image.offset());
            image = newest;
            listeners.forEach(listener -> listener.onDelta(newest, delta));
            watches.forEach(watch -> watch.offerDelta(newest, delta));
            watches.removeIf(QueuedWatch::isOver);
            served = waitersServedBy(newest);
        }
        served.forEach(waiter -> waiter.future().complete(newest));
    }

    /// Tells `listener` the newest image, on this thread, and then every change.
    public Subscription subscribe(ImageListener listener) {
        synchronized (lock) {
            listener.onSnapshot(image);
            listeners.add(listener);
        }
        return () -> {
            synchronized (lock) {
                listeners.remove(listener);
            }
        };
    }

    /// Opens a watch; see [MetadataWatch].
    ///
    /// @param fromOffset the last offset that the reader has seen; empty if none
    /// @param signal told when there is something to poll again; only enqueues
    public MetadataWatch watch(OptionalLong fromOffset, Runnable signal) {
        var watch = new QueuedWatch(fromOffset.orElse(0), signal, this::forget);
        synchronized (lock) {
            if (isClosed) {
                watch.drop(DropReason.CLOSING);
                return watch;
            }
            watches.add(watch);
            watch.offerSnapshot(image);
        }
        return watch;
    }

    private void forget(QueuedWatch watch) {
        synchronized (lock) {
            watches.remove(watch);
        }
    }

    /// Completes with an image at least as new as `offset`: at once if there is one, else on the
    /// apply thread. Exceptionally with a [CancellationException] on close.
    public CompletionStage<ClusterImage> imageAtLeast(long offset) {
        var future = new CompletableFuture<ClusterImage>();
        synchronized (lock) {
            if (image.offset() < offset) {
                if (isClosed) {
                    future.completeExceptionally(new CancellationException("closed"));
                    return future;
                }
                waiters.removeIf(waiter -> waiter.future().isDone());
                waiters.add(new Waiter(offset, future));
                return future;
            }
        }
        future.complete(image);
        return future;
    }

    /// Ends every watch and every wait.
    @Override
    public void close() {
        List<Waiter> left;
        synchronized (lock) {
            isClosed = true;
            watches.forEach(watch -> watch.drop(DropReason.CLOSING));
            watches.clear();
            left = List.copyOf(waiters);
            waiters.clear();
        }
        left.forEach(
                waiter ->
                        waiter.future().completeExceptionally(new CancellationException("closed")));
    }

    private List<Waiter> waitersServedBy(ClusterImage newest) {
        var served = new ArrayList<Waiter>();
        for (var next = waiters.peek();
                next != null && next.offset() <= newest.offset();
                next = waiters.peek()) {
            served.add(waiters.remove());
        }
        return served;
    }

    private void requireForward(ClusterImage newest, boolean isForward) {
        if (!isForward) {
            throw new IllegalStateException(
                    "image " + newest.offset() + " published after " + image.offset());
        }
    }

    private record Waiter(long offset, CompletableFuture<ClusterImage> future)
            implements Comparable<Waiter> {

        @Override
        public int compareTo(Waiter other) {
            return Long.compare(offset, other.offset);
        }
    }
}
