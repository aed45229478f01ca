// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.threads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

class PeriodicTaskTest {

    private final ScheduledExecutorService threads = Executors.newSingleThreadScheduledExecutor();
    private final CountDownLatch rounds = new CountDownLatch(3);
    private final List<Throwable> failures = new ArrayList<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void anExceptionInOneRoundDoesNotEndTheRounds() throws Exception {
        var _ = PeriodicTask.start(threads, 1, "a test", () -> fail(new IllegalStateException()));

        assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anErrorInOneRoundDoesNotEndTheRounds() throws Exception {
        var _ = PeriodicTask.start(threads, 1, "a test", () -> fail(new AssertionError()));

        assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatDependsOnARoundIsToldOfItsFailureAndMayFailItself() throws Exception {
        var failure = new IllegalStateException();
        var _ =
                PeriodicTask.start(
                        threads,
                        1,
                        "a test",
                        () -> fail(failure),
                        told -> {
                            failures.add(told);
                            throw new IllegalArgumentException();
                        });

        assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).hasSizeGreaterThanOrEqualTo(2).containsOnly(failure);
    }

    private void fail(RuntimeException failure) {
        rounds.countDown();
        throw failure;
    }

    private void fail(Error failure) {
        rounds.countDown();
        throw failure;
    }
}
