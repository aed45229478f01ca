// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.WatchEvent.DropReason;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;

/// A bounded queue between the apply thread and one watcher.
///
/// **Bound:** [#EVENTS_MAX] changes wait unread. Whoever lets more pile up is dropped: holding
/// every image since then would cost memory without limit.
final class QueuedWatch implements MetadataWatch {

    static final int EVENTS_MAX = 1_024;

    private final long fromOffset;
    private final Runnable signal;
    private final Consumer<QueuedWatch> onClose;

    private final ArrayDeque<WatchEvent> queue = new ArrayDeque<>();
    private boolean isStarted;
    private boolean isOver;

    QueuedWatch(long fromOffset, Runnable signal, Consumer<QueuedWatch> onClose) {
        this.fromOffset = fromOffset;
        this.signal = signal;
        this.onClose = onClose;
    }

    /// Begins the watch, or begins it anew, unless the reader has already seen more.
    void offerSnapshot(ClusterImage image) {
        if (image.offset() < fromOffset) {
            return;
        }
        enqueue(new WatchEvent.Snapshot(image), true);
    }

    void offerDelta(ClusterImage image, ImageDelta delta) {
        boolean started;
        synchronized (this) {
            started = isStarted;
        }
        if (started) {
            enqueue(new WatchEvent.Delta(image, delta), false);
        } else {
            offerSnapshot(image);
        }
    }

    /// Ends the watch from this side. What waits unread is lost, except for the reason.
    void drop(DropReason reason) {
        synchronized (this) {
            if (isOver) {
                return;
            }
            isOver = true;
            queue.clear();
            queue.add(new WatchEvent.Dropped(reason));
        }
        signal.run();
    }

    synchronized boolean isOver() {
        return isOver;
    }

    private void enqueue(WatchEvent event, boolean replacesOlder) {
        boolean wasEmpty;
        synchronized (this) {
            if (isOver) {
                return;
            }
            wasEmpty = queue.isEmpty();
            if (replacesOlder) {
                queue.clear();
            }
            isStarted = true;
            if (queue.size() < EVENTS_MAX) {
                queue.add(event);
            } else {
                isOver = true;
                queue.clear();
                queue.add(new WatchEvent.Dropped(DropReason.TOO_SLOW));
            }
        }
        if (wasEmpty) {
            signal.run();
        }
    }

    @Override
    public synchronized Optional<WatchEvent> poll() {
        return Optional.ofNullable(queue.poll());
    }

    @Override
    public void close() {
        synchronized (this) {
            isOver = true;
            queue.clear();
        }
        onClose.accept(this);
    }
}
