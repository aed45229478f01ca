// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.TopicRef;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.NotLeader;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.PartitionState;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// Finds what a request names: the topic in the image, by name or id, and its partition on this
/// node.
///
/// **Threading:** any thread; never blocks.
final class PartitionRouter {

    private final int nodeId;
    private final Supplier<ClusterImage> image;
    private final PartitionRegistry partitions;
    private final Access access;

    /// @param nodeId this node
    /// @param image the node's newest image
    /// @param partitions the node's replicas
    PartitionRouter(
            int nodeId, Supplier<ClusterImage> image, PartitionRegistry partitions, Access access) {
        this.nodeId = nodeId;
        this.image = image;
        this.partitions = partitions;
        this.access = access;
    }

    /// The node's replicas.
    PartitionRegistry partitions() {
        return partitions;
    }

    /// The topic that a request names, if the principal may do this to it.
    ///
    /// @throws ApiException as [Access#topic]
    TopicImage topic(TopicRef ref, Principal principal, Operation operation) {
        return access.topic(image.get(), ref, principal, operation);
    }

    /// The number of a partition that the topic has.
    ///
    /// @throws ApiException `INVALID_REQUEST`, `UNKNOWN_TOPIC_OR_PARTITION`
    static int partition(TopicImage topic, int partition) {
        if (partition < 0) {
            throw new ApiException(
                    ApiError.badField("partition", "must be 0 or more, not " + partition));
        }
        if (partition >= topic.partitions().size()) {
            throw new ApiException(
                    ApiError.of(
                            ErrorReason.UNKNOWN_TOPIC_OR_PARTITION,
                            "topic "
                                    + OneLine.quote(topic.name())
                                    + " has no partition "
                                    + partition
                                    + "; it has 0 to "
                                    + (topic.partitions().size() - 1)));
        }
        return partition;
    }

    /// This node's replica of a partition that exists.
    ///
    /// @param requestEpoch leader epoch that the caller named, for the wording of refusals
    /// @throws ApiException `NOT_LEADER`, `NO_LEADER`
    Partition replica(TopicImage topic, int partition, OptionalInt requestEpoch) {
        var replica = partitions.find(new PartitionId(topic.topicId(), partition));
        if (replica.isPresent()) {
            return replica.get();
        }
        var state = topic.partitions().get(partition);
        var errors = new PartitionErrors(topic.name(), partition, requestEpoch);
        int leader = state.leader().orElse(Assignment.NO_LEADER);
        // Where the image names this node, the log is still being opened.
        boolean nobodyYet = leader == Assignment.NO_LEADER || leader == nodeId;
        throw new ApiException(
                nobodyYet
                        ? errors.noLeader()
                        : errors.notLeader(new NotLeader(leader, state.leaderEpoch())));
    }

    /// This node's replica of a partition that existed a moment ago.
    ///
    /// @throws ApiException `NOT_LEADER`, `NO_LEADER`, `UNKNOWN_TOPIC_ID`
    Partition replica(PartitionId id, OptionalInt requestEpoch) {
        var topic =
                image.get()
                        .topics()
                        .topic(id.topicId())
                        .orElseThrow(() -> new ApiException(TopicRefs.unknownId(id.topicId())));
        return replica(topic, id.partition(), requestEpoch);
    }

    /// Who answers for a partition.
    Leadership leader(PartitionId id) {
        var topic = image.get().topics().topic(id.topicId()).orElse(null);
        if (topic == null || id.partition() >= topic.partitions().size()) {
            return new Leadership.Gone();
        }
        var state = topic.partitions().get(id.partition());
        if (isAnsweredHere(state)) {
            return new Leadership.Led(nodeId, state.leaderEpoch());
        }
        return state.leader().isPresent()
                ? new Leadership.Led(state.leader().getAsInt(), state.leaderEpoch())
                : new Leadership.Nobody(state.leaderEpoch());
    }

    /// Whether the replica here leads, or nobody does and it is the only one that could: it knows
    /// best why it does not, and may still be read.
    private boolean isAnsweredHere(PartitionState state) {
        return state.leader().isPresent()
                ? state.leader().getAsInt() == nodeId
                : state.replicas().equals(List.of(nodeId)) || state.isr().equals(List.of(nodeId));
    }

    /// This node's replica, where it is the one to answer.
    Optional<Partition> leadingReplica(TopicImage topic, PartitionId id) {
        return isAnsweredHere(topic.partitions().get(id.partition()))
                ? partitions.find(id)
                : Optional.empty();
    }

    /// Whether this node has a replica that leads.
    boolean leads(TopicImage topic, int partition) {
        return partitions
                .find(new PartitionId(topic.topicId(), partition))
                .filter(replica -> replica.status().leading())
                .isPresent();
    }
}
