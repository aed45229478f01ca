// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Looks after a running quorum: free disk space, the library's division, a leader that does not
/// get ready, snapshots by time.
///
/// The division can be closed while its server and this process live on, and the last leader and
/// commit index it reports stay as they were: only its life cycle tells.
final class QuorumWatch implements AutoCloseable {

    private static final long CHECK_MS = 500;

    private final RatisMetadataLog log;
    private final DiskReserve reserve;
    private final HaltCallback halt;
    private final ScheduledExecutorService timer;

    private QuorumWatch(RatisMetadataLog log, DiskReserve reserve, HaltCallback halt) {
        this.log = log;
        this.reserve = reserve;
        this.halt = halt;
        // Three: a snapshot or a stepping down may take longer than a check may wait.
        this.timer =
                Executors.newScheduledThreadPool(
                        3, Thread.ofPlatform().daemon().name("weir-quorum-watch-", 0).factory());
    }

    static QuorumWatch start(
            RatisMetadataLog log, DiskReserve reserve, long snapshotMs, HaltCallback halt) {
        var watch = new QuorumWatch(log, reserve, halt);
        watch.every(CHECK_MS, watch::check);
        watch.every(snapshotMs, log::snapshot);
        var stall = new StalledLeader();
        watch.every(
                CHECK_MS,
                () -> log.lookForStall(stall, TimeUnit.NANOSECONDS.toMillis(System.nanoTime())));
        return watch;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failure is handled inside
    private void every(long ms, Runnable work) {
        timer.scheduleWithFixedDelay(() -> guarded(work), ms, ms, TimeUnit.MILLISECONDS);
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (!timer.isShutdown()) {
                halt.halt("cannot look after the metadata quorum", e);
            }
        }
    }

    private void check() {
        if (timer.isShutdown()) {
            return;
        }
        if (reserve.isExhausted()) {
            halt.halt("the metadata disk is nearly full; free some space, then start again", null);
        }
        if (!log.isHealthy()) {
            halt.halt(BatchStateMachine.STOPPED, null);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
