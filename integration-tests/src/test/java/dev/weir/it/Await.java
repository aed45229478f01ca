// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import dev.weir.client.ClientException;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what other processes do.
final class Await {

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /// Long enough for a machine that does a lot besides.
    static final Duration USUAL = Duration.ofSeconds(60);

    private Await() {}

    /// Waits until a condition holds. That a cluster does not answer while it heals counts as "not
    /// yet".
    static void until(String what, BooleanSupplier condition) {
        until(what, USUAL, condition);
    }

    static void until(String what, Duration timeout, BooleanSupplier condition) {
        var deadlineNs = System.nanoTime() + timeout.toNanos();
        while (true) {
            ClientException last = null;
            try {
                if (condition.getAsBoolean()) {
                    return;
                }
            } catch (ClientException e) {
                last = e;
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within " + timeout + ": " + what, last);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
