// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.history.AppliedBatches;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.WatchEvent.DropReason;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

class ImagePublisherTest {

    private final AppliedBatches batches = new AppliedBatches();
    private final ImagePublisher publisher = new ImagePublisher();
    private final AtomicInteger signals = new AtomicInteger();

    @Test
    void tellsANewListenerTheNewestImageAndThenEachChange() {
        apply(2);
        var told = new ArrayList<String>();

        publisher.subscribe(recording(told));
        apply(2);

        assertThat(told).containsExactly("snapshot 3", "delta 5", "delta 7");
    }

    @Test
    void tellsAClosedSubscriptionNothing() {
        var told = new ArrayList<String>();

        publisher.subscribe(recording(told)).close();
        apply(1);

        assertThat(told).containsExactly("snapshot 0");
    }

    @Test
    void neverGoesBack() {
        apply(3);

        assertThatThrownBy(() -> publisher.publish(batches.imageAt(3)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(publisher.image().offset()).isEqualTo(5);
    }

    @Test
    void watchesBeginWithASnapshotAndGoOnWithDeltas() {
        apply(2);

        var watch = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);
        apply(2);

        assertThat(drain(watch)).containsExactly("snapshot 3", "delta 5", "delta 7");
    }

    @Test
    void aResumedWatchWaitsForAnImageAsNewAsItsReaderHasSeen() {
        apply(2);

        var watch = publisher.watch(OptionalLong.of(6), signals::incrementAndGet);
        apply(1);
        var before = drain(watch);
        apply(2);

        assertThat(before).isEmpty();
        assertThat(drain(watch)).containsExactly("snapshot 7", "delta 9");
    }

    @Test
    void signalsOnlyWhenThereWasNothingToPoll() {
        var watch = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);
        apply(5);
        drain(watch);
        apply(5);

        assertThat(signals).hasValue(2);
    }

    @Test
    void aReaderThatDoesNotPollIsDroppedAndToldWhy() {
        var slow = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);
        var other = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);

        for (var i = 0; i < QueuedWatch.EVENTS_MAX; i++) {
            apply(1);
            drain(other);
        }

        assertThat(slow.poll()).contains(new WatchEvent.Dropped(DropReason.TOO_SLOW));
        assertThat(slow.poll()).isEmpty();
        apply(1);
        assertThat(slow.poll()).isEmpty();
        assertThat(drain(other)).hasSize(1);
    }

    @Test
    void anInstalledImageReplacesWhatWaits() {
        var watch = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);
        apply(2);
        batches.more(3, applied -> {});

        publisher.publish(batches.image());

        assertThat(drain(watch)).containsExactly("snapshot 9");
    }

    @Test
    void aClosedPublisherDropsItsWatches() {
        var watch = publisher.watch(OptionalLong.empty(), signals::incrementAndGet);

        publisher.close();

        assertThat(watch.poll()).contains(new WatchEvent.Dropped(DropReason.CLOSING));
        assertThat(publisher.watch(OptionalLong.empty(), signals::incrementAndGet).poll())
                .contains(new WatchEvent.Dropped(DropReason.CLOSING));
    }

    @Test
    void completesAWaitWithTheFirstImageThatIsNewEnough() {
        var early = publisher.imageAtLeast(3).toCompletableFuture();
        var late = publisher.imageAtLeast(100).toCompletableFuture();

        apply(1);
        assertThat(early).isNotDone();
        apply(1);

        assertThat(early.join().offset()).isEqualTo(3);
        assertThat(publisher.imageAtLeast(2).toCompletableFuture()).isCompleted();
        assertThat(late).isNotDone();
        publisher.close();
        assertThatThrownBy(late::join)
                .isInstanceOfAny(CompletionException.class, CancellationException.class);
    }

    private void apply(int count) {
        batches.more(count, applied -> publisher.publish(applied.image(), applied.delta()));
    }

    private static List<String> drain(MetadataWatch watch) {
        var events = new ArrayList<String>();
        for (var event = watch.poll(); event.isPresent(); event = watch.poll()) {
            events.add(
                    switch (event.get()) {
                        case WatchEvent.Snapshot(var image) -> "snapshot " + image.offset();
                        case WatchEvent.Delta(var image, var delta) -> "delta " + delta.offset();
                        case WatchEvent.Dropped(var reason) -> "dropped " + reason;
                    });
        }
        return events;
    }

    private static ImageListener recording(List<String> told) {
        return new ImageListener() {
            @Override
            public void onSnapshot(ClusterImage image) {
                told.add("snapshot " + image.offset());
            }

            @Override
            public void onDelta(ClusterImage image, ImageDelta delta) {
                told.add("delta " + delta.offset());
            }
        };
    }
}
