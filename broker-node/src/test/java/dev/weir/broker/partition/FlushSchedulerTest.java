// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

class FlushSchedulerTest {

    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private final List<String> granted = new ArrayList<>();

    private FlushScheduler.Client client(String name) {
        return () -> granted.add(name);
    }

    @Test
    void runsNoMoreFlushesAtATimeThanItHasSlots() {
        var scheduler = new FlushScheduler(threads::add, 2);

        assertThat(scheduler.request(client("a"))).isTrue();
        assertThat(scheduler.request(client("b"))).isTrue();
        assertThat(scheduler.request(client("c"))).isFalse();
        assertThat(granted).isEmpty();
    }

    @Test
    void aSlotGoesToTheOneThatWaitsLongest() {
        var scheduler = new FlushScheduler(threads::add, 1);
        scheduler.request(client("a"));
        scheduler.request(client("b"));
        scheduler.request(client("c"));

        scheduler.run(() -> granted.add("a flushed"));
        threads.remove().run();
        scheduler.release();

        assertThat(granted).containsExactly("a flushed", "b", "c");
    }

    @Test
    void aFlushThatThrowsGivesItsSlotBack() {
        var scheduler = new FlushScheduler(threads::add, 1);
        scheduler.request(client("a"));
        scheduler.request(client("b"));
        scheduler.run(
                () -> {
                    throw new IllegalStateException("flush");
                });

        assertThatThrownBy(() -> threads.remove().run()).isInstanceOf(IllegalStateException.class);

        assertThat(granted).containsExactly("b");
    }

    @Test
    void anIdleSchedulerGrantsAtOnceAgain() {
        var scheduler = new FlushScheduler(threads::add, 1);
        scheduler.request(client("a"));
        scheduler.release();

        assertThat(scheduler.request(client("b"))).isTrue();
    }
}
