// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import io.grpc.ManagedChannel;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// One channel a node address, opened when it is first used. Any thread.
final class Nodes implements AutoCloseable {

    private static final long CLOSE_WAIT_MS = 2_000;

    private final List<String> bootstrap;
    private final Function<String, ManagedChannel> connect;
    private final AtomicInteger current = new AtomicInteger();
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private volatile boolean isClosed;

    /// @param connect opens a channel to an address
    Nodes(List<String> bootstrap, Function<String, ManagedChannel> connect) {
        this.bootstrap = bootstrap;
        this.connect = connect;
    }

    /// A bootstrap node; the same one until [#next] is called.
    String anyAddress() {
        return bootstrap.get(Math.floorMod(current.get(), bootstrap.size()));
    }

    /// Says that a node did not answer, so that the next one is tried.
    void next(String failedAddress) {
        int seen = current.get();
        if (bootstrap.get(Math.floorMod(seen, bootstrap.size())).equals(failedAddress)) {
            current.compareAndSet(seen, seen + 1);
        }
    }

    ManagedChannel channel(String address) {
        if (isClosed) {
            throw new ClientException.Closed("the client is closed");
        }
        return channels.computeIfAbsent(address, connect);
    }

    @Override
    public void close() {
        isClosed = true;
        channels.values().forEach(ManagedChannel::shutdown);
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_WAIT_MS);
        for (var channel : channels.values()) {
            try {
                if (!channel.awaitTermination(
                        deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    channel.shutdownNow();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                channel.shutdownNow();
            }
        }
    }
}
