// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.net.EventLoops;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A listener, for clients or for other nodes: HTTP/2 by grpc-netty, every limit set, calls run on
/// the event loops.
///
/// **Threading:** [#start] and [#close] by the owner.
public final class GrpcServer implements AutoCloseable {

    /// HTTP/2 streams reset by either side that a connection may have in a window (CVE-2023-44487,
    /// CVE-2025-8671).
    private static final int RESETS_MAX = 200;

    private static final int RESET_WINDOW_S = 30;
    private static final int HEADER_BYTES_MAX = 8 * 1024;
    private static final int FLOW_WINDOW_BYTES = 1024 * 1024;

    /// Another node is asked whether it lives after so much silence, and has as long to answer.
    private static final int NODE_SILENCE_MS = 1_500;

    /// What gRPC logs, with a stack trace, whenever a peer sends nonsense: not above DEBUG a
    /// request.
    private static final List<Logger> NOISY =
            List.of(
                    Logger.getLogger("io.grpc.netty.NettyServerStream"),
                    Logger.getLogger("io.grpc.netty.NettyServerHandler"));

    static {
        NOISY.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private final Server server;
    private final HealthStatusManager health;

    /// Who connects.
    public enum Peers {
        /// Anybody: silent connections end, old ones too.
        CLIENTS,
        /// Other nodes of the cluster: connections stay, and dead ones are noticed fast.
        NODES
    }

    /// Where to listen, and how much to let in.
    ///
    /// @param address port 0 for any free one
    /// @param messageBytesMax largest message, before and after its decompression
    /// @param callsMax unfinished calls of one connection
    /// @param connectionsMax connections, over all peers
    /// @param peers who connects
    public record Listener(
            InetSocketAddress address,
            int messageBytesMax,
            int callsMax,
            int connectionsMax,
            Peers peers) {}

    private GrpcServer(Server server, HealthStatusManager health) {
        this.server = server;
        this.health = health;
    }

    /// Listens; the health service says NOT_SERVING until [#serving].
    ///
    /// @param loops serve the connections; closed by their owner, after the server
    /// @param services ours; health and reflection are added
    /// @throws IOException if the address cannot be bound
    public static GrpcServer start(
            Listener listener,
            EventLoops loops,
            List<ServerServiceDefinition> services,
            NodeState state,
            NodeMetrics metrics)
            throws IOException {
        var health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        var builder =
                NettyServerBuilder.forAddress(listener.address())
                        .channelType(loops.serverChannelType())
                        .bossEventLoopGroup(loops.acceptor())
                        .workerEventLoopGroup(loops.workers())
                        .directExecutor()
                        .intercept(new CallGuard(state, listener.peers() == Peers.NODES))
                        .addTransportFilter(bound(listener, metrics))
                        .addService(health.getHealthService())
                        .addService(ProtoReflectionServiceV1.newInstance())
                        .addService(oldReflection());
        services.forEach(builder::addService);
        limit(builder, listener);
        return new GrpcServer(builder.build().start(), health);
    }

    private static ConnectionBound bound(Listener listener, NodeMetrics metrics) {
        return switch (listener.peers()) {
            case CLIENTS ->
                    new ConnectionBound(
                            listener.connectionsMax(),
                            metrics::connections,
                            metrics::connectionRefused);
            case NODES ->
                    new ConnectionBound(
                            listener.connectionsMax(), metrics::nodeConnections, () -> {});
        };
    }

    private static void limit(NettyServerBuilder builder, Listener listener) {
        builder.maxConcurrentCallsPerConnection(listener.callsMax())
                .maxInboundMessageSize(listener.messageBytesMax())
                .maxInboundMetadataSize(HEADER_BYTES_MAX)
                .maxRstFramesPerWindow(RESETS_MAX, RESET_WINDOW_S)
                .flowControlWindow(FLOW_WINDOW_BYTES)
                .handshakeTimeout(10, TimeUnit.SECONDS);
        switch (listener.peers()) {
            case CLIENTS -> limitClients(builder);
            case NODES ->
                    builder.keepAliveTime(NODE_SILENCE_MS, TimeUnit.MILLISECONDS)
                            .keepAliveTimeout(NODE_SILENCE_MS, TimeUnit.MILLISECONDS);
        }
    }

    private static void limitClients(NettyServerBuilder builder) {
        builder.permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(60, TimeUnit.SECONDS)
                .keepAliveTimeout(20, TimeUnit.SECONDS)
                .maxConnectionIdle(5, TimeUnit.MINUTES)
                .maxConnectionAge(24, TimeUnit.HOURS)
                .maxConnectionAgeGrace(5, TimeUnit.MINUTES);
    }

    /// The port that is listened on.
    public int port() {
        return server.getPort();
    }

    /// From now on the health service says SERVING, or not.
    public void serving(boolean serves) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /// Takes no new calls; those under way may finish for so long.
    public void stop(long graceMs) {
        health.enterTerminalState();
        server.shutdown();
        if (!terminated(graceMs)) {
            server.shutdownNow();
            terminated(1_000);
        }
    }

    @Override
    public void close() {
        if (!server.isTerminated()) {
            stop(0);
        }
    }

    private boolean terminated(long waitMs) {
        try {
            return server.awaitTermination(waitMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Many tools still ask for v1alpha.
    @SuppressWarnings("deprecation")
    private static BindableService oldReflection() {
        return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
    }
}
