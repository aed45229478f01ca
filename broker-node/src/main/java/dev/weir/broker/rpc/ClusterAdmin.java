// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.AddVoterRequest;
import dev.weir.api.v1.AddVoterResponse;
import dev.weir.api.v1.ElectLeadersRequest;
import dev.weir.api.v1.ElectLeadersResponse;
import dev.weir.api.v1.ElectedPartition;
import dev.weir.api.v1.ElectionType;
import dev.weir.api.v1.RemoveBrokerRequest;
import dev.weir.api.v1.RemoveBrokerResponse;
import dev.weir.api.v1.RemoveVoterRequest;
import dev.weir.api.v1.RemoveVoterResponse;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.metadata.controller.GatewayOutcome.Committed;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerCommand.ElectionKind;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.QuorumVoter;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The part of `weir.v1.AdminService` that is about nodes: who votes, who leads, who is gone.
/// Stateless.
final class ClusterAdmin {

    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final int HOST_LENGTH_MAX = 253;
    private static final int PORT_MAX = 65_535;

    /// One batch takes thousands of elections; this many batches are all there can be.
    private static final int ROUNDS_MAX = 100;

    private final MetadataContext context;
    private final Function<ControllerCommand, CompletionStage<Committed>> controller;

    /// @param controller completes with [ApiException] when the command is not carried out
    ClusterAdmin(
            MetadataContext context,
            Function<ControllerCommand, CompletionStage<Committed>> controller) {
        this.context = context;
        this.controller = controller;
    }

    CompletionStage<AddVoterResponse> addVoter(AddVoterRequest request) {
        requireAlter();
        var host = request.getHost();
        if (host.isBlank() || host.length() > HOST_LENGTH_MAX) {
            throw new ApiException(ApiError.badField("host", "must name a host"));
        }
        if (request.getPort() < 1 || request.getPort() > PORT_MAX) {
            throw new ApiException(ApiError.badField("port", "must be 1 to " + PORT_MAX));
        }
        var voter =
                new QuorumVoter(
                        nodeId(request.getNodeId()),
                        directoryId(request.getDirectoryId()),
                        new Endpoint(host, request.getPort()));
        return controller
                .apply(new ControllerCommand.AddVoter(voter))
                .thenApply(
                        done -> AddVoterResponse.newBuilder().addAllVoters(voters(done)).build());
    }

    CompletionStage<RemoveVoterResponse> removeVoter(RemoveVoterRequest request) {
        requireAlter();
        var command =
                new ControllerCommand.RemoveVoter(
                        nodeId(request.getNodeId()), directoryId(request.getDirectoryId()));
        return controller
                .apply(command)
                .thenApply(
                        done ->
                                RemoveVoterResponse.newBuilder()
                                        .addAllVoters(voters(done))
                                        .build());
    }

    CompletionStage<RemoveBrokerResponse> removeBroker(RemoveBrokerRequest request) {
        requireAlter();
        return controller
                .apply(new ControllerCommand.UnregisterBroker(nodeId(request.getNodeId())))
                .thenApply(
                        done ->
                                RemoveBrokerResponse.newBuilder()
                                        .setMetadataOffset(done.metadataOffset())
                                        .build());
    }

    CompletionStage<ElectLeadersResponse> electLeaders(ElectLeadersRequest request) {
        requireAlter();
        var kind = kind(request.getType());
        var partitions = new TreeSet<TopicPartition>();
        var image = context.metadata().image();
        for (var ref : request.getPartitionsList()) {
            var topic =
                    context.access()
                            .topic(image, ref.getTopic(), CallGuard.caller(), Operation.ALTER);
            partitions.add(new TopicPartition(topic.topicId(), ref.getPartition()));
        }
        if (partitions.isEmpty()) {
            for (var topic : image.topics().all()) {
                for (var i = 0; i < topic.partitions().size(); i++) {
                    partitions.add(new TopicPartition(topic.topicId(), i));
                }
            }
        }
        return elect(partitions, kind, new TreeSet<>(), 0);
    }

    /// A batch holds so many elections: what is left over is asked for again.
    private CompletionStage<ElectLeadersResponse> elect(
            SortedSet<TopicPartition> partitions,
            ElectionKind kind,
            SortedSet<TopicPartition> elected,
            int round) {
        return controller
                .apply(new ControllerCommand.ElectLeaders(partitions, kind))
                .thenCompose(
                        done -> {
                            if (!(done.result() instanceof CommandResult.Elected(var changed))) {
                                throw new IllegalStateException("not an election: " + done);
                            }
                            elected.addAll(changed);
                            return changed.isEmpty() || round == ROUNDS_MAX
                                    ? CompletableFuture.completedStage(elected(elected, done))
                                    : elect(partitions, kind, elected, round + 1);
                        });
    }

    private ElectLeadersResponse elected(SortedSet<TopicPartition> partitions, Committed done) {
        var response = ElectLeadersResponse.newBuilder().setMetadataOffset(done.metadataOffset());
        var topics = context.metadata().image().topics();
        for (var partition : partitions) {
            topics.topic(partition.topicId())
                    .ifPresent(
                            topic ->
                                    response.addElected(
                                            ElectedPartition.newBuilder()
                                                    .setTopic(topic.name())
                                                    .setPartition(partition.partition())));
        }
        return response.build();
    }

    private static ElectionKind kind(ElectionType type) {
        return switch (type) {
            case ELECTION_TYPE_PREFERRED -> ElectionKind.PREFERRED;
            case ELECTION_TYPE_UNCLEAN -> ElectionKind.UNCLEAN;
            case ELECTION_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new ApiException(
                            ApiError.badField("type", "must be preferred or unclean"));
        };
    }

    private static List<dev.weir.api.v1.QuorumVoter> voters(Committed done) {
        if (!(done.result() instanceof CommandResult.VotersNow(var voters))) {
            throw new IllegalStateException("not a change of voters: " + done.result());
        }
        return voters.stream()
                .map(
                        voter ->
                                dev.weir.api.v1.QuorumVoter.newBuilder()
                                        .setNodeId(voter.nodeId())
                                        .setPeerId(voter.nodeId() + "-" + voter.directoryId())
                                        .setAddress(voter.endpoint().toString())
                                        .build())
                .toList();
    }

    private void requireAlter() {
        context.access().requireCluster(CallGuard.caller(), Operation.ALTER);
    }

    private static int nodeId(int nodeId) {
        if (nodeId < 1) {
            throw new ApiException(ApiError.badField("node_id", "must be at least 1"));
        }
        return nodeId;
    }

    private static UUID directoryId(String text) {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw new ApiException(ApiError.badField("directory_id", "must be a UUID"));
        }
        return UUID.fromString(text);
    }
}
