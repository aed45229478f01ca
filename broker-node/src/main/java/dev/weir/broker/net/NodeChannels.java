// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.net;

import dev.weir.metadata.record.Endpoint;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/// Connections to the internal listeners of other nodes, one for each node and purpose, made when
/// they are first needed.
///
/// A closed port fails a call at once. A host that is gone is noticed in one to two seconds: what
/// was sent and is not confirmed ends the connection after [#SILENCE_MS], and a silent connection
/// is asked every second. A lookup never gives a channel that waits to connect again: it makes a
/// new one, so callers pace their own retries.
///
/// **Threading:** any thread. [#close] refuses later lookups.
public final class NodeChannels implements AutoCloseable {

    /// Largest message between nodes.
    public static final int MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

    /// How long a sent byte may stay unconfirmed, and how long connecting may take, in ms.
    public static final int SILENCE_MS = 1_000;

    private static final int FLOW_WINDOW_BYTES = 1024 * 1024;
    private static final int HEADER_BYTES_MAX = 16 * 1024;

    private final EventLoops loops;
    private final IntFunction<Optional<Endpoint>> addresses;
    private final Map<Key, Open> open = new HashMap<>();
    private boolean closed;

    /// What a connection is for. Each has its own, so that none waits behind another's bytes.
    public enum Purpose {
        /// Calls to the controller, heartbeats, the metadata feed.
        CONTROL,
        /// Calls of clients that came to the wrong node.
        FORWARD
    }

    private record Key(int nodeId, Purpose purpose) {}

    private record Open(Endpoint address, ManagedChannel channel) {}

    /// @param loops serve the connections; closed by their owner, later
    /// @param addresses the internal endpoint of a node, asked at each lookup; empty for a node
    ///   that the image does not know
    public NodeChannels(EventLoops loops, IntFunction<Optional<Endpoint>> addresses) {
        this.loops = loops;
        this.addresses = addresses;
    }

    /// The channel to a node's internal listener. Look it up for each call: another address in the
    /// image, or a failed connection, makes another channel. Not to be shut down by callers.
    ///
    /// @return empty for an unknown node, and after [#close]
    public Optional<ManagedChannel> internal(int nodeId, Purpose purpose) {
        return addresses.apply(nodeId).flatMap(at -> channel(new Key(nodeId, purpose), at));
    }

    /// A new channel to an address, for its caller alone, who shuts it down.
    public ManagedChannel open(Endpoint address) {
        return builder(address).build();
    }

    /// The address of a node now; empty for an unknown one.
    public Optional<Endpoint> address(int nodeId) {
        return addresses.apply(nodeId);
    }

    @Override
    public void close() {
        synchronized (open) {
            closed = true;
            open.values().forEach(one -> one.channel.shutdownNow());
            open.clear();
        }
    }

    private Optional<ManagedChannel> channel(Key key, Endpoint address) {
        synchronized (open) {
            if (closed) {
                return Optional.empty();
            }
            var known = open.get(key);
            if (known != null && known.address.equals(address) && !failed(known.channel)) {
                return Optional.of(known.channel);
            }
            if (known != null) {
                // Calls that a leaving peer still answers may finish.
                known.channel.shutdown();
            }
            var channel = builder(address).build();
            open.put(key, new Open(address, channel));
            return Optional.of(channel);
        }
    }

    private static boolean failed(ManagedChannel channel) {
        return channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
    }

    /// `directExecutor`: callbacks run on the event loops and must not block.
    private NettyChannelBuilder builder(Endpoint address) {
        var builder =
                NettyChannelBuilder.forAddress(address.host(), address.port())
                        .usePlaintext()
                        .eventLoopGroup(loops.workers())
                        .channelType(loops.channelType(), InetSocketAddress.class)
                        .directExecutor()
                        .disableRetry()
                        .flowControlWindow(FLOW_WINDOW_BYTES)
                        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                        .maxInboundMetadataSize(HEADER_BYTES_MAX)
                        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, SILENCE_MS)
                        .withOption(ChannelOption.TCP_NODELAY, true);
        if (EventLoops.isEpoll()) {
            // gRPC's own keepalive is never below 10 s on this side.
            builder.withOption(EpollChannelOption.TCP_USER_TIMEOUT, SILENCE_MS)
                    .withOption(ChannelOption.SO_KEEPALIVE, true)
                    .withOption(EpollChannelOption.TCP_KEEPIDLE, 1)
                    .withOption(EpollChannelOption.TCP_KEEPINTVL, 1)
                    .withOption(EpollChannelOption.TCP_KEEPCNT, 1);
        }
        return builder;
    }
}
