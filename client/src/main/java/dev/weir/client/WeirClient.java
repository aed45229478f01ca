// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import io.grpc.ManagedChannel;

import java.util.function.Function;

/// A cluster as one program sees it: connections that its producers, readers and admin share.
///
/// Connects when something is first asked. Any thread. Close producers and readers first.
public final class WeirClient implements AutoCloseable {

    private final ConnectionConfig config;
    private final Nodes nodes;
    private final AutoCloseable transport;

    WeirClient(
            ConnectionConfig config,
            Function<String, ManagedChannel> connect,
            AutoCloseable transport) {
        this.config = config;
        this.nodes = new Nodes(config, connect, ReachProbe::isOutOfReach);
        this.transport = transport;
    }

    /// A client over plaintext HTTP/2.
    public static WeirClient connect(ConnectionConfig config) {
        var channels = new NettyChannels(config);
        return new WeirClient(config, channels::open, channels);
    }

    /// A client for addresses `HOST:PORT[,HOST:PORT..]`.
    public static WeirClient connect(String bootstrap) {
        return connect(ConnectionConfig.of(bootstrap));
    }

    /// A new producer with a thread of its own.
    public Producer producer(ProducerConfig producerConfig) {
        return new Producer(producerConfig, config, nodes);
    }

    /// A new reader, which reads nothing yet.
    public Reader reader(ReaderConfig readerConfig) {
        return new Reader(readerConfig, config, nodes);
    }

    /// Administration. Needs no closing.
    public Admin admin() {
        return new Admin(config, nodes);
    }

    /// Closes all connections. Calls under way fail.
    @Override
    public void close() {
        nodes.close();
        try {
            transport.close();
        } catch (Exception e) {
            throw new IllegalStateException("transport did not close", e);
        }
    }
}
