// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.metadata.FollowedOffset;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metadata.ProducerIds;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.threads.NamedThreads;

import io.grpc.ServerServiceDefinition;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The services of one node, and the threads, timers and budget that they share.
public final class NodeServices implements AutoCloseable {

    private static final int ADMIN_THREADS = 2;
    private static final int ADMIN_QUEUE_MAX = 4_096;

    /// Above the number of watches: each is in line at most once.
    private static final int WATCH_QUEUE_MAX = 8 * MetadataService.WATCHES_MAX;

    private final StreamTimers timers = new StreamTimers();
    private final OpenStreams streams = new OpenStreams();
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor admin;
    private final ThreadPoolExecutor watchers;
    private final Budgets budgets;
    private final List<ServerServiceDefinition> services;
    private final List<ServerServiceDefinition> forwardedServices;

    /// What the services stand on.
    ///
    /// @param config of the node
    /// @param identity of the node
    /// @param metadata image, past, controller
    /// @param peers ways to other nodes
    /// @param partitions the node's replicas
    /// @param followed how far the replicas follow the image
    /// @param producerIds for `InitProducer`
    /// @param authorizer asked by every call
    /// @param metrics counts
    public record Parts(
            BrokerConfig config,
            ServerIdentity identity,
            MetadataSource metadata,
            PeerChannels peers,
            PartitionRegistry partitions,
            FollowedOffset followed,
            ProducerIds producerIds,
            Authorizer authorizer,
            NodeMetrics metrics) {}

    /// Bytes of requests that the node holds at once. Other nodes' requests have a budget of their
    /// own: two nodes that forward to one another must not wait for one another.
    ///
    /// @param clients of clients; also what is fetched from other nodes and waits for its reader
    /// @param nodes of other nodes, for their clients
    public record Budgets(MemoryBudget clients, MemoryBudget nodes) {}

    /// @param limits what callers are held to
    /// @param budgets what all callers together are held to
    /// @param parts what the services stand on
    public NodeServices(ApiLimits limits, Budgets budgets, Parts parts) {
        this.budgets = budgets;
        workers = pool("encode", parts.config().workerThreads(), ApiLimits.WORKER_QUEUE_MAX);
        admin = pool("admin", ADMIN_THREADS, ADMIN_QUEUE_MAX);
        watchers = pool("watch", 1, WATCH_QUEUE_MAX);
        var access = new Access(parts.authorizer());
        var router =
                new PartitionRouter(
                        parts.identity().nodeId(),
                        parts.metadata()::image,
                        parts.partitions(),
                        access);
        var encoder = new RecordSetEncoder(limits.batchBytesMax(), System::currentTimeMillis);
        var dispatcher = new ProduceDispatcher(router, encoder, parts.metrics());
        var forwarding =
                new Forwarding(
                        parts.identity().nodeId(),
                        router::leader,
                        parts.peers(),
                        timers,
                        budgets.clients());
        AwayRoutes routes =
                (principal, deadline) ->
                        new ProduceLanes(forwarding, parts.partitions(), principal, deadline);
        var produce =
                new ProduceContext(
                        dispatcher,
                        routes,
                        limits,
                        budgets.clients(),
                        workers,
                        timers,
                        parts.metrics(),
                        streams);
        var fetch =
                new FetchContext(
                        router, forwarding, limits, workers, timers, parts.metrics(), streams);
        var configs = new ConfigViews(parts.config());
        var topics = new TopicViews(parts.partitions(), access, configs);
        var metadata =
                new MetadataContext(
                        parts.metadata(),
                        parts.partitions(),
                        parts.followed(),
                        access,
                        configs,
                        limits,
                        admin,
                        watchers,
                        streams,
                        parts.metrics());
        var forwardedProduce =
                new ProduceContext(
                        dispatcher,
                        routes,
                        limits.forForwarding(ProduceUpstream.CREDIT_BYTES),
                        budgets.nodes(),
                        workers,
                        timers,
                        parts.metrics(),
                        streams);
        forwardedServices =
                List.of(
                        ProduceBinding.bind(
                                new ProduceService(forwardedProduce, access, parts.producerIds()),
                                limits.messageBytesMax()),
                        new FetchService(fetch).bindService());
        services =
                List.of(
                        ProduceBinding.bind(
                                new ProduceService(produce, access, parts.producerIds()),
                                limits.messageBytesMax()),
                        new FetchService(fetch).bindService(),
                        new MetadataService(metadata, parts.identity(), topics).bindService(),
                        new AdminService(metadata, topics).bindService());
    }

    /// To be added to a server.
    public List<ServerServiceDefinition> services() {
        return services;
    }

    /// What other nodes call for clients that came to them; to be added to the internal server.
    public List<ServerServiceDefinition> forwardedServices() {
        return forwardedServices;
    }

    /// Bytes of requests in flight.
    public Budgets budgets() {
        return budgets;
    }

    /// Open streams, to be stopped before the server.
    public OpenStreams streams() {
        return streams;
    }

    @Override
    public void close() {
        timers.close();
        workers.shutdown();
        admin.shutdown();
        watchers.shutdown();
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queueMax) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueMax),
                new NamedThreads(name));
    }
}
