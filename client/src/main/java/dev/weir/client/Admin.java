// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.AddVoterRequest;
import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.weir.api.v1.AlterConfigsRequest;
import dev.weir.api.v1.AlterTopicRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.DeleteTopicRequest;
import dev.weir.api.v1.DescribeClusterRequest;
import dev.weir.api.v1.DescribeConfigsRequest;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.ElectLeadersRequest;
import dev.weir.api.v1.ElectionType;
import dev.weir.api.v1.GetMetadataRequest;
import dev.weir.api.v1.GetMetadataResponse;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.ListTopicsRequest;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.MetadataServiceGrpc.MetadataServiceBlockingStub;
import dev.weir.api.v1.PartitionRef;
import dev.weir.api.v1.RemoveBrokerRequest;
import dev.weir.api.v1.RemoveVoterRequest;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Looks at a cluster and changes it. Every call blocks until it is answered, at most for the
/// request timeout; a change that is answered is committed. Any thread.
///
/// Questions are asked again while the cluster is not ready or not reached. A change is sent again
/// only after an answer that says it was not made.
///
/// Every method throws [ClientException]: `Refused` with the server's reason, or `Unreachable`.
public final class Admin {

    private final Calls calls;
    private final LeaderOffsets offsets;

    Admin(ConnectionConfig config, Nodes nodes) {
        this.calls = new Calls(nodes, config.requestTimeout());
        this.offsets = new LeaderOffsets(nodes);
    }

    /// Creates a topic.
    ///
    /// @param validateOnly checks everything and changes nothing
    public TopicDescription createTopic(NewTopic topic, boolean validateOnly) {
        var request =
                CreateTopicRequest.newBuilder()
                        .setName(topic.name())
                        .setPartitions(topic.partitions())
                        .setReplicationFactor(topic.replicationFactor())
                        .putAllConfigs(topic.configs())
                        .setValidateOnly(validateOnly)
                        .build();
        var response = change(stub -> stub.createTopic(request));
        return Descriptions.topic(response.getTopic(), response.getMetadataOffset());
    }

    /// Deletes a topic and its records.
    ///
    /// @return metadata offset of the deletion
    public long deleteTopic(String name) {
        var request = DeleteTopicRequest.newBuilder().setTopic(Descriptions.topicRef(name)).build();
        return change(stub -> stub.deleteTopic(request)).getMetadataOffset();
    }

    /// Adds partitions, sets and removes configs.
    ///
    /// @param validateOnly checks everything and changes nothing
    public AlteredTopic alterTopic(String name, TopicChange change, boolean validateOnly) {
        var request =
                AlterTopicRequest.newBuilder()
                        .setTopic(Descriptions.topicRef(name))
                        .setPartitions(change.partitions())
                        .putAllSetConfigs(change.setConfigs())
                        .addAllRemoveConfigs(change.removeConfigs())
                        .setValidateOnly(validateOnly)
                        .build();
        var response = change(stub -> stub.alterTopic(request));
        return new AlteredTopic(
                Descriptions.topic(response.getTopic(), response.getMetadataOffset()),
                List.copyOf(response.getWarningsList()));
    }

    /// All topics, by name.
    public List<TopicListing> listTopics(boolean includeInternal) {
        var request = ListTopicsRequest.newBuilder().setIncludeInternal(includeInternal).build();
        return ask(stub -> stub.listTopics(request)).getTopicsList().stream()
                .map(Descriptions::listing)
                .toList();
    }

    /// One topic in full.
    public TopicDescription describeTopic(String name) {
        var request =
                DescribeTopicRequest.newBuilder().setTopic(Descriptions.topicRef(name)).build();
        var response = ask(stub -> stub.describeTopic(request));
        return Descriptions.topic(offsets.addTo(response.getTopic()), response.getMetadataOffset());
    }

    /// The configuration of a scope.
    public List<ConfigValue> describeConfigs(ConfigScope scope) {
        var request =
                DescribeConfigsRequest.newBuilder().setScope(Descriptions.scope(scope)).build();
        var response =
                calls.ask(
                        channel ->
                                calls.withAttemptDeadline(AdminServiceGrpc.newBlockingStub(channel))
                                        .describeConfigs(request));
        return response.getConfigsList().stream().map(Descriptions::config).toList();
    }

    /// Sets and removes configuration keys of a scope, all or nothing.
    ///
    /// @return metadata offset of the change
    public long alterConfigs(ConfigScope scope, Map<String, String> set, List<String> remove) {
        var request =
                AlterConfigsRequest.newBuilder()
                        .setScope(Descriptions.scope(scope))
                        .putAllSet(set)
                        .addAllRemove(remove)
                        .build();
        return change(stub -> stub.alterConfigs(request)).getMetadataOffset();
    }

    /// The nodes.
    public ClusterDescription describeCluster() {
        return Descriptions.cluster(
                ask(stub -> stub.describeCluster(DescribeClusterRequest.getDefaultInstance())));
    }

    /// The metadata quorum.
    public QuorumDescription describeQuorum() {
        return Descriptions.quorum(
                ask(stub -> stub.describeQuorum(DescribeQuorumRequest.getDefaultInstance())));
    }

    /// Adds a voter, which runs and waits for it, to the metadata quorum.
    ///
    /// @param directoryId of its metadata directory, as `weir format` printed it
    /// @param host where the other voters reach it
    public List<QuorumDescription.Voter> addVoter(
            int nodeId, String directoryId, String host, int port) {
        var request =
                AddVoterRequest.newBuilder()
                        .setNodeId(nodeId)
                        .setDirectoryId(directoryId)
                        .setHost(host)
                        .setPort(port)
                        .build();
        return Descriptions.voters(change(stub -> stub.addVoter(request)).getVotersList());
    }

    /// Removes a voter, live or lost, from the metadata quorum.
    public List<QuorumDescription.Voter> removeVoter(int nodeId, String directoryId) {
        var request =
                RemoveVoterRequest.newBuilder()
                        .setNodeId(nodeId)
                        .setDirectoryId(directoryId)
                        .build();
        return Descriptions.voters(change(stub -> stub.removeVoter(request)).getVotersList());
    }

    /// Gives partitions back to their preferred leaders, or has any live replica lead where nobody
    /// does, which loses records.
    ///
    /// @param topic null for all topics
    /// @param partitions of the topic; empty for all of them
    /// @return partitions that have another leader now
    public List<TopicPartition> electLeaders(
            @Nullable String topic, List<Integer> partitions, boolean unclean) {
        var request =
                ElectLeadersRequest.newBuilder()
                        .setType(
                                unclean
                                        ? ElectionType.ELECTION_TYPE_UNCLEAN
                                        : ElectionType.ELECTION_TYPE_PREFERRED);
        if (topic != null) {
            var chosen = partitions.isEmpty() ? partitionsOf(topic) : partitions;
            for (var partition : chosen) {
                request.addPartitions(
                        PartitionRef.newBuilder()
                                .setTopic(Descriptions.topicRef(topic))
                                .setPartition(partition));
            }
        }
        return change(stub -> stub.electLeaders(request.build())).getElectedList().stream()
                .map(elected -> new TopicPartition(elected.getTopic(), elected.getPartition()))
                .toList();
    }

    private List<Integer> partitionsOf(String topic) {
        return IntStream.range(0, describeTopic(topic).partitions().size()).boxed().toList();
    }

    /// Forgets a broker that is down for good and holds no replicas.
    ///
    /// @return metadata offset of the change
    public long removeBroker(int nodeId) {
        var request = RemoveBrokerRequest.newBuilder().setNodeId(nodeId).build();
        return change(stub -> stub.removeBroker(request)).getMetadataOffset();
    }

    /// The whole metadata, as the wire has it.
    ///
    /// @param atOffset as it was at this metadata offset; empty: now
    public GetMetadataResponse metadata(OptionalLong atOffset) {
        var request = GetMetadataRequest.newBuilder();
        atOffset.ifPresent(request::setAtOffset);
        return ask(stub -> stub.getMetadata(request.build()));
    }

    /// Follows the metadata.
    ///
    /// @param afterOffset go on after this metadata offset; empty: begin with a snapshot
    public MetadataWatch watchMetadata(OptionalLong afterOffset) {
        return new MetadataStream(calls, afterOffset);
    }

    /// The node that answers, and its limits.
    public ServerInfo serverInfo() {
        return Descriptions.serverInfo(
                ask(stub -> stub.getServerInfo(GetServerInfoRequest.getDefaultInstance())));
    }

    private <T> T ask(Function<MetadataServiceBlockingStub, T> question) {
        return calls.ask(
                channel ->
                        question.apply(
                                calls.withAttemptDeadline(
                                        MetadataServiceGrpc.newBlockingStub(channel))));
    }

    private <T> T change(Function<AdminServiceBlockingStub, T> change) {
        return calls.change(
                channel ->
                        change.apply(
                                calls.withDeadline(AdminServiceGrpc.newBlockingStub(channel))));
    }
}
