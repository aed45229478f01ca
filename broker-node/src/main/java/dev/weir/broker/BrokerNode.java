// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.StopOrder.Part;
import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.broker.lifecycle.ClusterMembership;
import dev.weir.broker.lifecycle.ControllerRequests;
import dev.weir.broker.lifecycle.WorkAge;
import dev.weir.broker.lifecycle.core.BrokerLifecycle;
import dev.weir.broker.lifecycle.core.LifecycleSettings;
import dev.weir.broker.metadata.FollowedOffset;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metadata.ProducerIds;
import dev.weir.broker.metadata.ReplicaFollower;
import dev.weir.broker.metrics.NodeMetrics;
import dev.weir.broker.net.EventLoops;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.partition.PartitionPorts;
import dev.weir.broker.replication.LateLinks;
import dev.weir.broker.replication.ReplicationTransport;
import dev.weir.broker.rpc.Authorizer;
import dev.weir.broker.rpc.GrpcServer;
import dev.weir.broker.rpc.MemoryBudget;
import dev.weir.broker.rpc.NodeServices;
import dev.weir.broker.rpc.NodeState;
import dev.weir.broker.rpc.ServerIdentity;
import dev.weir.broker.storage.DataDirectory;
import dev.weir.broker.storage.DirectoryOpener;
import dev.weir.broker.storage.DirectoryPorts;
import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.image.ClusterImage;

import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// One node of a cluster, running.
///
/// ```
/// start:  configuration → data directory → quorum → listeners (clients are refused)
///         → registration → partitions open → heartbeat (unfenced) → ready
/// stop:   not ready → no new calls → leaders moved → acknowledgements drained
///         → partitions synced, clean marker → leadership of the quorum handed over
///         → heartbeat ends → quorum closed
/// ```
///
/// **Threading:** [#start] and [#close] by any one thread each; both block.
public final class BrokerNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);

    /// Beyond the time that leaders may take to move, for the answer.
    private static final long MOVE_GRACE_MS = 1_000;

    private final BrokerConfig config;
    private final HaltCallback halt;
    private final NodeState state = new NodeState();
    private final NodeMetrics metrics = new NodeMetrics();
    private final FollowedOffset followed = new FollowedOffset();
    private final StopOrder parts = new StopOrder();

    private @Nullable GrpcServer server;
    private @Nullable NodeServices services;
    private @Nullable ClusterMembership membership;

    private BrokerNode(BrokerConfig config, HaltCallback halt) {
        this.config = config;
        this.halt = halt;
    }

    /// Starts a node whose process ends when its metadata fails.
    ///
    /// @throws BrokerStartException one line, cause and cure
    public static BrokerNode start(BrokerConfig config) {
        return start(config, BrokerNode::haltProcess);
    }

    /// Starts a node and waits until it is ready.
    ///
    /// @param halt called when the node must not go on
    /// @throws BrokerStartException one line, cause and cure
    public static BrokerNode start(BrokerConfig config, HaltCallback halt) {
        return start(config, halt, DataDirectory::open);
    }

    /// Starts a node that becomes ready by itself, see [#awaitReady]. It may be closed before.
    ///
    /// @throws BrokerStartException one line, cause and cure
    public static BrokerNode launch(BrokerConfig config) {
        return launch(config, BrokerNode::haltProcess, DataDirectory::open);
    }

    /// Starts a node on a directory that is opened in another way, so that a test can put another
    /// disk there.
    static BrokerNode start(BrokerConfig config, HaltCallback halt, DirectoryOpener opener) {
        var node = launch(config, halt, opener);
        node.awaitReady();
        return node;
    }

    private static BrokerNode launch(
            BrokerConfig config, HaltCallback halt, DirectoryOpener opener) {
        BrokerNode node = null;
        try {
            node = new BrokerNode(Settings.identified(config), halt);
            node.open(opener);
            return node;
        } catch (RuntimeException e) {
            if (node != null) {
                node.abandon();
            }
            throw StartErrors.explain(e);
        }
    }

    /// This build's version, from its jar; of classes that are in no jar, `unpackaged`.
    public static String version() {
        var version = BrokerNode.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    /// The port that clients connect to.
    public int port() {
        return required(server).port();
    }

    /// All meters in Prometheus' text format.
    public String scrapeMetrics() {
        return metrics.scrape();
    }

    /// Stops in order; returns when everything is synced and closed. A second call does nothing.
    @Override
    public synchronized void close() {
        synchronized (state) {
            if (state.stage() == NodeState.Stage.STOPPING) {
                return;
            }
            state.advance(NodeState.Stage.STOPPING);
        }
        LOG.info("stopping");
        required(server).serving(false);
        moveLeaders();
        required(services).streams().stopAll();
        required(server).stop(config.get(BrokerConfigKey.SHUTDOWN_DRAIN_MS));
        parts.closeAll();
        LOG.info("stopped");
    }

    private void open(DirectoryOpener opener) {
        parts.add(Part.METERS, metrics::close);
        var links = new LateLinks();
        var requests = new ControllerRequests();
        var ports = new PartitionPorts(links, requests);
        var data =
                opener.open(
                        Settings.dataDirectory(config),
                        new DirectoryPorts(ports, requests::directoryFailed));
        parts.add(Part.DATA, data::close);
        data.flushTimes().observe(metrics::flushed);
        var loops = EventLoops.start(config.workerThreads());
        parts.add(Part.EVENT_LOOPS, loops::close);
        var metadata = metadata(loops);
        var source = metadata.source();
        var loop = loops.workers().next();
        var replication = replication(data, links, metadata.channels(), loop);
        NodeGauges.register(metrics, new NodeGauges.Sources(state, data, source, followed));
        services = services(data, source, metadata.channels());
        parts.add(Part.SERVICES, services::close);
        NodeGauges.registerBudgets(metrics, services.budgets());
        var watch = new ProcessWatch(loop, replication::follow);
        parts.add(Part.PROCESS_WATCH, source.subscribe(watch)::close);
        listen(loops, internalServices(metadata, services, replication), services.services());
        membership = join(data, metadata, requests);
        var _ = membership.live().thenRun(this::ready);
    }

    private void listen(
            EventLoops loops,
            List<ServerServiceDefinition> forNodes,
            List<ServerServiceDefinition> forClients) {
        var listeners = new NodeListeners(config, loops, state, metrics);
        parts.add(Part.INTERNAL_LISTENER, listeners.forNodes(forNodes)::close);
        listeners
                .forScrapes()
                .ifPresent(endpoint -> parts.add(Part.METRICS_ENDPOINT, endpoint::close));
        server = listeners.forClients(forClients);
        parts.add(Part.LISTENER, server::close);
    }

    private NodeMetadata metadata(EventLoops loops) {
        var metadata =
                config.isOutsideOfQuorum()
                        ? new FedMetadata(config, loops)
                        : VotingMetadata.start(config, loops, metrics.registry(), halt);
        parts.add(Part.METADATA, metadata::close);
        parts.add(Part.LEADERSHIP, metadata::handOver);
        return metadata;
    }

    /// What other nodes may call.
    private static List<ServerServiceDefinition> internalServices(
            NodeMetadata metadata, NodeServices clientServices, ReplicationTransport replication) {
        var internal = new ArrayList<>(clientServices.forwardedServices());
        internal.addAll(metadata.services());
        internal.add(replication.service());
        return internal;
    }

    private ReplicationTransport replication(
            DataDirectory data, LateLinks links, NodeChannels channels, EventLoop loop) {
        var transport =
                ReplicationSetup.start(
                        config, data, links, new ReplicationSetup.Net(channels, loop), metrics);
        parts.add(Part.REPLICATION, transport::close);
        return transport;
    }

    private NodeServices services(
            DataDirectory data, MetadataSource metadata, NodeChannels channels) {
        var incarnation = data.start().incarnation();
        var producerIds =
                new ProducerIds(
                        metadata.gateway(), config.nodeId(), incarnation, Duration.ofSeconds(5));
        var identity = new ServerIdentity(config.clusterId(), config.nodeId(), version());
        var memory = MemoryShares.of(config);
        return new NodeServices(
                Settings.limits(config),
                new NodeServices.Budgets(
                        new MemoryBudget(memory.clientBytes()),
                        new MemoryBudget(memory.forwardedBytes())),
                new NodeServices.Parts(
                        config,
                        identity,
                        metadata,
                        nodeId ->
                                channels.internal(nodeId, NodeChannels.Purpose.FORWARD)
                                        .map(Channel.class::cast),
                        data.partitions(),
                        followed,
                        producerIds,
                        Authorizer.ALLOW_ALL,
                        metrics));
    }

    /// Begins to become a live broker of the cluster: registered, its partitions open, unfenced.
    private ClusterMembership join(
            DataDirectory data, NodeMetadata metadata, ControllerRequests requests) {
        var source = metadata.source();
        var joined = new CompletableFuture<ClusterMembership>();
        var feed =
                new ReplicaFeed(
                        source,
                        fromOffset -> follower(data, fromOffset, joined.join()::followed),
                        halt);
        parts.add(Part.FEED, feed::close);
        var settings =
                LifecycleSettings.DEFAULT.withHeartbeatMs(
                        config.get(BrokerConfigKey.BROKER_HEARTBEAT_INTERVAL_MS));
        var joining =
                new ClusterMembership(
                        new BrokerLifecycle(settings, Settings.registration(config, data.start())),
                        new ClusterMembership.Node(
                                config.nodeId(),
                                data.start().incarnation(),
                                source.gateway(),
                                data.partitions(),
                                followed::offset,
                                new WorkAge(
                                        data.workers(),
                                        data.flushTimes()::oldestMs,
                                        System::nanoTime),
                                offset -> {
                                    data.registered(offset);
                                    feed.begin(offset);
                                },
                                metadata::describe,
                                reason -> halt.halt(reason, null)));
        parts.add(Part.MEMBERSHIP, joining::close);
        joined.complete(joining);
        joining.start(requests);
        return joining;
    }

    private ReplicaFollower follower(
            DataDirectory data, long fromOffset, Consumer<ClusterImage> onFollowed) {
        return new ReplicaFollower(
                config.nodeId(),
                config.dynamicDefaults(),
                data.partitions(),
                fromOffset,
                image -> {
                    followed.advance(image.offset());
                    onFollowed.accept(image);
                });
    }

    private void ready() {
        synchronized (state) {
            if (state.stage() != NodeState.Stage.STARTING) {
                return;
            }
            state.advance(NodeState.Stage.READY);
        }
        required(server).serving(true);
        LOG.atInfo()
                .addKeyValue("brokerId", config.nodeId())
                .addKeyValue("address", config.advertisedAddress())
                .log("ready");
    }

    /// Waits until the cluster counts on this node, for as long as that takes: a first node may
    /// wait for minutes until a majority of the voters runs. Its log says what it waits for.
    ///
    /// @throws BrokerStartException it never will; the node is closed
    public void awaitReady() {
        try {
            required(membership).live().join();
        } catch (CompletionException | CancellationException e) {
            close();
            var cause = e.getCause();
            throw StartErrors.explain(cause instanceof RuntimeException known ? known : e);
        }
    }

    /// Other nodes take over what this one leads, while its streams are still up.
    private void moveLeaders() {
        long waitMs = config.get(BrokerConfigKey.SHUTDOWN_DRAIN_MS);
        try {
            int left =
                    required(membership)
                            .stop(waitMs)
                            .get(waitMs + MOVE_GRACE_MS, TimeUnit.MILLISECONDS);
            LOG.info("leaders have moved; {} partitions have nobody else to lead them", left);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("leaders did not move in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void abandon() {
        state.advance(NodeState.Stage.STOPPING);
        try {
            parts.closeAll();
        } catch (RuntimeException e) {
            LOG.warn("a part did not close after the failed start", e);
        }
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the node has not started");
        }
        return part;
    }

    private static void haltProcess(String reason, @Nullable Throwable cause) {
        LOG.error("halting: {}", reason, cause);
        Runtime.getRuntime().halt(1);
    }
}
