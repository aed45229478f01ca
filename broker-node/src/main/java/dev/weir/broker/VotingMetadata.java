// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.controller.ActivationWatch;
import dev.weir.broker.controller.ControllerAccess;
import dev.weir.broker.controller.ControllerService;
import dev.weir.broker.controller.MetadataFeedService;
import dev.weir.broker.controller.RemoteControllerGateway;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metadata.QuorumMetadataSource;
import dev.weir.broker.net.EventLoops;
import dev.weir.broker.net.NodeChannels;
import dev.weir.broker.threads.NamedThreads;
import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.quorum.MetadataQuorum;
import dev.weir.metadata.watch.Subscription;

import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.MeterRegistry;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The metadata of a node that votes in the quorum, or waits to be added to it.
final class VotingMetadata implements NodeMetadata {

    /// Questions about the past that wait at a time.
    private static final int PAST_QUESTIONS_MAX = 64;

    private final MetadataQuorum quorum;
    private final NodeChannels channels;
    private final RemoteControllerGateway gateway;
    private final Subscription activations;
    private final ThreadPoolExecutor readers;
    private final MetadataFeedService feeds;
    private final QuorumMetadataSource source;
    private final QuorumEntry entry;
    private final int nodeId;

    private VotingMetadata(BrokerConfig config, EventLoops loops, MetadataQuorum quorum) {
        this.quorum = quorum;
        this.nodeId = config.nodeId();
        channels = new NodeChannels(loops, node -> NodeMetadata.address(quorum.image(), node));
        gateway =
                new RemoteControllerGateway(
                        new ControllerAccess(
                                nodeId,
                                quorum.gateway(),
                                quorum::leaderHint,
                                node ->
                                        channels.internal(node, NodeChannels.Purpose.CONTROL)
                                                .orElse(null),
                                quorum::imageAtLeast));
        activations = quorum.subscribe(new ActivationWatch(gateway::leaderMayHaveChanged));
        readers =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(PAST_QUESTIONS_MAX),
                        new NamedThreads("metadata-past"));
        feeds = new MetadataFeedService(quorum, readers);
        source = new QuorumMetadataSource(quorum, gateway, readers);
        entry = new QuorumEntry(quorum, config);
    }

    /// @throws dev.weir.metadata.QuorumException the node cannot take part
    static VotingMetadata start(
            BrokerConfig config, EventLoops loops, MeterRegistry meters, HaltCallback halt) {
        var quorum =
                MetadataQuorum.start(Settings.quorum(config, meters), ConfigKeys::problem, halt);
        return new VotingMetadata(config, loops, quorum);
    }

    @Override
    public MetadataSource source() {
        return source;
    }

    @Override
    public NodeChannels channels() {
        return channels;
    }

    @Override
    public List<ServerServiceDefinition> services() {
        return List.of(
                new ControllerService(nodeId, quorum.gateway(), quorum::leaderHint).bindService(),
                feeds.bindService());
    }

    @Override
    public String describe() {
        return entry.describe();
    }

    @Override
    public void handOver() {
        quorum.transferLeadership();
    }

    @Override
    public void close() {
        activations.close();
        feeds.close();
        readers.shutdownNow();
        gateway.close();
        channels.close();
        quorum.close();
    }
}
