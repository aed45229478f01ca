// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.threads.NamedThreads;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads of one data directory. None of them is ever interrupted while it may touch a file:
/// an interrupt closes the channel under everybody else.
///
/// @param workers drain partitions; bounded by the number of partitions, each in line once
/// @param readers cold reads; refuses when [#COLD_READS_MAX] wait
/// @param flushes as many threads as flushes run at a time
/// @param recovery opens, closes and removes partitions; bounded by their number
/// @param background prepares space, unmaps and deletes files
/// @param timer ticks, must not wait for the disk
/// @param checkpoints writes checkpoints, waits for the disk
record StorageThreads(
        ExecutorService workers,
        ExecutorService readers,
        ExecutorService flushes,
        ExecutorService recovery,
        ExecutorService background,
        ScheduledExecutorService timer,
        ScheduledExecutorService checkpoints) {

    /// Cold reads that may wait for a reader thread.
    static final int COLD_READS_MAX = 1_024;

    private static final long IDLE_S = 10;

    /// How long what was handed in may take at the end.
    private static final long END_S = 10;

    private static final Logger LOG = LoggerFactory.getLogger(StorageThreads.class);

    static StorageThreads start(DataDirectoryConfig config) {
        return new StorageThreads(
                Executors.newFixedThreadPool(config.workerThreads(), new NamedThreads("worker")),
                new ThreadPoolExecutor(
                        config.readerThreads(),
                        config.readerThreads(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(COLD_READS_MAX),
                        new NamedThreads("reader")),
                Executors.newFixedThreadPool(config.flushThreads(), new NamedThreads("flush")),
                idling(config.recoveryThreads()),
                Executors.newSingleThreadExecutor(new NamedThreads("space")),
                Executors.newSingleThreadScheduledExecutor(new NamedThreads("tick")),
                Executors.newSingleThreadScheduledExecutor(new NamedThreads("checkpoint")));
    }

    private static ExecutorService idling(int threads) {
        var pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_S,
                        TimeUnit.SECONDS,
                        new java.util.concurrent.LinkedBlockingQueue<>(),
                        new NamedThreads("recovery"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /// Stops what comes by itself; what was handed in still runs.
    void stopTimers() {
        timer.shutdown();
        awaitEnd("ticks", timer);
        checkpoints.shutdown();
        awaitEnd("checkpoints", checkpoints);
    }

    /// Lets everything handed in finish, and ends the threads.
    void stop() {
        for (var pool : List.of(workers, readers, flushes, recovery, background)) {
            pool.shutdown();
        }
        awaitEnd("workers", workers);
        awaitEnd("readers", readers);
        awaitEnd("flushes", flushes);
        awaitEnd("recovery", recovery);
        awaitEnd("background", background);
    }

    /// Threads that do not end in time are left alone: they are daemons, and may touch a file.
    private static void awaitEnd(String name, ExecutorService pool) {
        try {
            if (!pool.awaitTermination(END_S, TimeUnit.SECONDS)) {
                LOG.warn("threads of the data directory did not end in {} s: {}", END_S, name);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
