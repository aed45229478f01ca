// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.net.NodeChannels.Purpose;
import dev.weir.metadata.record.Endpoint;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyServerBuilder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

class NodeChannelsTest {

    private final Map<Integer, Endpoint> addresses = new ConcurrentHashMap<>();
    private final EventLoops loops = EventLoops.start(1);
    private final NodeChannels channels =
            new NodeChannels(loops, node -> Optional.ofNullable(addresses.get(node)));

    @AfterEach
    void close() {
        channels.close();
        loops.close();
    }

    @Test
    void keepsOneChannelForEachNodeAndPurpose() {
        addresses.put(2, new Endpoint("127.0.0.1", 1));
        addresses.put(3, new Endpoint("127.0.0.1", 1));

        var control = channel(2, Purpose.CONTROL);

        assertThat(channel(2, Purpose.CONTROL)).isSameAs(control);
        assertThat(channel(2, Purpose.FORWARD)).isNotSameAs(control);
        assertThat(channel(3, Purpose.CONTROL)).isNotSameAs(control);
    }

    @Test
    void givesNoChannelToAnUnknownNodeNorAfterTheEnd() {
        assertThat(channels.internal(2, Purpose.CONTROL)).isEmpty();

        addresses.put(2, new Endpoint("127.0.0.1", 1));
        var before = channel(2, Purpose.CONTROL);
        channels.close();

        assertThat(before.isShutdown()).isTrue();
        assertThat(channels.internal(2, Purpose.CONTROL)).isEmpty();
    }

    @Test
    void followsANodeToItsNewAddress() {
        addresses.put(2, new Endpoint("127.0.0.1", 1));
        var old = channel(2, Purpose.CONTROL);

        addresses.put(2, new Endpoint("127.0.0.1", 2));

        assertThat(channel(2, Purpose.CONTROL)).isNotSameAs(old);
        assertThat(old.isShutdown()).isTrue();
    }

    @Test
    void neverGivesAChannelThatWaitsToConnectAgain() throws IOException {
        var port = closedPort();
        addresses.put(2, new Endpoint("127.0.0.1", port));
        var failing = channel(2, Purpose.CONTROL);
        failing.getState(true);
        await(failing, ConnectivityState.TRANSIENT_FAILURE);
        var server =
                NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                        .build()
                        .start();
        try {
            var next = channel(2, Purpose.CONTROL);
            next.getState(true);

            // Its own pause after the first failure would be a second.
            await(next, ConnectivityState.READY);
            assertThat(next).isNotSameAs(failing);
            assertThat(channel(2, Purpose.CONTROL)).isSameAs(next);
        } finally {
            server.shutdownNow();
        }
    }

    private ManagedChannel channel(int node, Purpose purpose) {
        return channels.internal(node, purpose).orElseThrow();
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void await(ManagedChannel channel, ConnectivityState state) {
        long giveUpAt = System.nanoTime() + 20_000_000_000L;
        while (channel.getState(false) != state) {
            if (System.nanoTime() > giveUpAt) {
                throw new AssertionError("not in 20 s: " + state);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
