// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.net;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import java.util.concurrent.TimeUnit;

/// The threads that serve the process' connections, to clients and to nodes alike: a byte that
/// comes on one connection and leaves on another then often stays on one thread.
///
/// **Threading:** any thread; [#close] after every server and channel that uses them.
public final class EventLoops implements AutoCloseable {

    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;

    private EventLoops(EventLoopGroup acceptor, EventLoopGroup workers) {
        this.acceptor = acceptor;
        this.workers = workers;
    }

    /// @param threads that serve connections, at least 1
    public static EventLoops start(int threads) {
        var handlers = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(
                loops("weir-accept", 1, handlers), loops("weir-io", threads, handlers));
    }

    /// Takes new connections.
    public EventLoopGroup acceptor() {
        return acceptor;
    }

    /// Serves connections.
    public EventLoopGroup workers() {
        return workers;
    }

    /// The sockets that listen.
    public Class<? extends ServerChannel> serverChannelType() {
        return EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /// The sockets that connect.
    public Class<? extends Channel> channelType() {
        return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// Whether sockets have Linux' own options.
    static boolean isEpoll() {
        return EPOLL;
    }

    @Override
    public void close() {
        end(workers);
        end(acceptor);
    }

    private static void end(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2_000);
    }

    private static EventLoopGroup loops(String name, int threads, IoHandlerFactory handlers) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), handlers);
    }
}
