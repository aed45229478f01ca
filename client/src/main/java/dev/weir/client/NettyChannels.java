// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import java.util.concurrent.TimeUnit;

/// Plaintext HTTP/2 connections, all on one event loop of the client's own; native epoll where it
/// loads.
///
/// Callbacks run on the event loop itself: everything behind them only enqueues.
final class NettyChannels implements AutoCloseable {

    private static final int MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
    private static final int FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;
    private static final long KEEP_ALIVE_TIMEOUT_MS = 2_000;

    /// How long sent bytes may go unacknowledged by the other host's kernel, which takes them even
    /// while its process is busy.
    private static final int UNACKNOWLEDGED_MS_MAX = 750;

    /// The kernel's own probes of a silent connection, for a reader that is not polled: one that is
    /// asks by itself ([SilentNodes]).
    private static final int SILENT_S_MAX = 1;

    private final ConnectionConfig config;
    private final EventLoopGroup eventLoop;
    private final Class<? extends Channel> channelType;

    NettyChannels(ConnectionConfig config) {
        this.config = config;
        boolean isEpoll = Epoll.isAvailable();
        IoHandlerFactory handlers =
                isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        eventLoop =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("weir-client-io", true), handlers);
        channelType = isEpoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    ManagedChannel open(String address) {
        var builder =
                NettyChannelBuilder.forTarget("dns:///" + address)
                        .usePlaintext()
                        .eventLoopGroup(eventLoop)
                        .channelType(channelType)
                        .directExecutor()
                        .disableRetry()
                        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                        .keepAliveTime(config.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                        .withOption(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                Math.toIntExact(config.connectTimeout().toMillis()));
        if (channelType == EpollSocketChannel.class) {
            builder.withOption(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS_MAX)
                    .withOption(EpollChannelOption.TCP_KEEPIDLE, SILENT_S_MAX)
                    .withOption(EpollChannelOption.TCP_KEEPINTVL, SILENT_S_MAX)
                    .withOption(EpollChannelOption.TCP_KEEPCNT, 1);
        }
        return builder.build();
    }

    @Override
    public void close() {
        // Daemon thread: nothing waits for its end.
        var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
