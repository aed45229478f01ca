// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/// The nodes that a client talks to: one channel an address, opened when it is first used, and what
/// is known of who answers.
///
/// A node that broke a connection, or does not take one, counts as unreachable until a connection
/// to it comes about again; gRPC tries that with its own backoff, beside the traffic. Meanwhile
/// what is meant for it goes through a node that is not unreachable.
///
/// Any thread.
final class Nodes implements AutoCloseable {

    private static final long CLOSE_WAIT_MS = 2_000;

    /// Addresses beside the bootstrap ones that are kept to ask when those are gone.
    private static final int LEARNED_MAX = 64;

    private final List<String> bootstrap;
    private final LeaderRouting routing;
    private final Function<String, ManagedChannel> connect;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Set<String> unreachable = ConcurrentHashMap.newKeySet();
    private final List<Runnable> onReachable = new CopyOnWriteArrayList<>();
    private final Set<String> suspected = ConcurrentHashMap.newKeySet();
    private final Predicate<String> isOutOfReach;
    private volatile List<String> entries;
    private volatile int current;
    private volatile boolean isClosed;

    /// @param connect opens a channel to an address
    /// @param isOutOfReach whether a new connection to an address does not come about; may block
    Nodes(
            ConnectionConfig config,
            Function<String, ManagedChannel> connect,
            Predicate<String> isOutOfReach) {
        this.isOutOfReach = isOutOfReach;
        this.bootstrap = config.bootstrap();
        this.routing = config.routing();
        this.connect = connect;
        this.entries = bootstrap;
    }

    /// A node that can be asked anything: the same one until it fails.
    String anyAddress() {
        var all = entries;
        return all.get(current % all.size());
    }

    /// How many nodes can be tried one after the other.
    int count() {
        return entries.size();
    }

    /// Where to send what is meant for a leader.
    String route(String leaderAddress) {
        if (routing == LeaderRouting.VIA_BOOTSTRAP) {
            return anyAddress();
        }
        learn(leaderAddress);
        if (!unreachable.contains(leaderAddress)) {
            return leaderAddress;
        }
        return entries.stream()
                .filter(address -> !unreachable.contains(address))
                .findFirst()
                .orElse(leaderAddress);
    }

    /// Says that a node did not take a connection, or broke it: others are asked until it is back.
    void failed(String address) {
        if (!isClosed && unreachable.add(address)) {
            awaitConnection(address);
        }
        next(address);
    }

    /// Says that a node owes an answer for long. Finds out, beside the traffic, whether it takes a
    /// connection; if none comes about the ones that stand are dead too, and all calls on them fail
    /// now: the kernel would hold on to them for seconds.
    void suspect(String address) {
        if (isClosed || !suspected.add(address)) {
            return;
        }
        var _ =
                Thread.ofVirtual()
                        .name("weir-client-suspect")
                        .start(
                                () -> {
                                    try {
                                        if (isOutOfReach.test(address)) {
                                            giveUp(address);
                                        }
                                    } finally {
                                        suspected.remove(address);
                                    }
                                });
    }

    private void giveUp(String address) {
        if (isClosed) {
            return;
        }
        unreachable.add(address);
        var dead = channels.remove(address);
        if (dead != null) {
            dead.shutdownNow();
        }
        awaitConnection(address);
        next(address);
    }

    /// Says that a node cannot answer now, so that the next one is asked.
    void next(String failedAddress) {
        var all = entries;
        int seen = current;
        if (!all.get(seen % all.size()).equals(failedAddress)) {
            return;
        }
        int next = (seen + 1) % all.size();
        for (int step = 1; step < all.size(); step++) {
            int candidate = (seen + step) % all.size();
            if (!unreachable.contains(all.get(candidate))) {
                next = candidate;
                break;
            }
        }
        current = next;
    }

    /// Has `listener` called, on a network thread, whenever a node can be reached again.
    Runnable whenReachable(Runnable listener) {
        onReachable.add(listener);
        return () -> onReachable.remove(listener);
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

    private synchronized void learn(String address) {
        var known = entries;
        if (!known.contains(address) && known.size() < bootstrap.size() + LEARNED_MAX) {
            var more = new ArrayList<>(known);
            more.add(address);
            entries = List.copyOf(more);
        }
    }

    private void awaitConnection(String address) {
        if (isClosed) {
            return;
        }
        var channel = channel(address);
        var state = channel.getState(true);
        if (state == ConnectivityState.READY) {
            unreachable.remove(address);
            onReachable.forEach(Runnable::run);
        } else if (state != ConnectivityState.SHUTDOWN) {
            channel.notifyWhenStateChanged(state, () -> awaitConnection(address));
        }
    }
}
