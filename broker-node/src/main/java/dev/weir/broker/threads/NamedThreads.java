// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.threads;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// Makes daemon threads with telling names, whose failures are logged.
public final class NamedThreads implements ThreadFactory {

    private static final Logger LOG = LoggerFactory.getLogger(NamedThreads.class);

    private final String name;
    private final AtomicInteger count = new AtomicInteger();

    /// @param name what they do; the process' own prefix and a number are added
    public NamedThreads(String name) {
        this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
        var thread = new Thread(task, "weir-" + name + "-" + count.incrementAndGet());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (failed, e) -> LOG.error("Thread {} failed", failed.getName(), e));
        return thread;
    }
}
