// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import com.google.protobuf.ByteString;

import dev.weir.api.internal.v1.CommandElection;
import dev.weir.api.internal.v1.ConfigChange;
import dev.weir.api.internal.v1.NodeEndpoint;
import dev.weir.api.internal.v1.PartitionName;
import dev.weir.api.internal.v1.PartitionStateView;
import dev.weir.api.internal.v1.VoterName;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.QuorumVoter;
import dev.weir.metadata.record.TopicPartition;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// Values that commands and their results are made of, to their messages and back. What comes in is
/// checked: an [IllegalArgumentException] says what is wrong with it.
final class WireValues {

    private static final int ID_BYTES = 16;

    private WireValues() {}

    static ByteString id(UUID id) {
        var bytes = ByteBuffer.allocate(ID_BYTES);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).flip();
        return ByteString.copyFrom(bytes);
    }

    static UUID id(ByteString bytes) {
        if (bytes.size() != ID_BYTES) {
            throw new IllegalArgumentException("an id of " + bytes.size() + " bytes");
        }
        var buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    static List<ByteString> ids(Collection<UUID> ids) {
        return ids.stream().map(WireValues::id).toList();
    }

    static List<UUID> uuids(List<ByteString> ids) {
        return ids.stream().map(WireValues::id).toList();
    }

    /// A node's number: at least 1.
    static int node(int nodeId) {
        if (nodeId < 1) {
            throw new IllegalArgumentException("node " + nodeId);
        }
        return nodeId;
    }

    /// A count, epoch or index: at least 0.
    static int natural(int value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " " + value);
        }
        return value;
    }

    static long natural(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " " + value);
        }
        return value;
    }

    static OptionalInt optional(boolean present, int value) {
        return present ? OptionalInt.of(value) : OptionalInt.empty();
    }

    static NodeEndpoint endpoint(Endpoint endpoint) {
        return NodeEndpoint.newBuilder().setHost(endpoint.host()).setPort(endpoint.port()).build();
    }

    static Endpoint endpoint(NodeEndpoint endpoint) {
        return new Endpoint(endpoint.getHost(), endpoint.getPort());
    }

    static PartitionName partition(TopicPartition partition) {
        return PartitionName.newBuilder()
                .setTopicId(id(partition.topicId()))
                .setPartition(partition.partition())
                .build();
    }

    static TopicPartition partition(PartitionName name) {
        return new TopicPartition(id(name.getTopicId()), natural(name.getPartition(), "partition"));
    }

    static List<PartitionName> names(Collection<TopicPartition> partitions) {
        return partitions.stream().map(WireValues::partition).toList();
    }

    static SortedSet<TopicPartition> partitions(List<PartitionName> names) {
        var partitions = new TreeSet<TopicPartition>();
        names.forEach(name -> partitions.add(partition(name)));
        return partitions;
    }

    static List<ConfigChange> changes(SortedMap<String, Optional<String>> changes) {
        return changes.entrySet().stream()
                .map(
                        entry -> {
                            var change = ConfigChange.newBuilder().setKey(entry.getKey());
                            entry.getValue().ifPresent(change::setValue);
                            return change.build();
                        })
                .toList();
    }

    static SortedMap<String, Optional<String>> changes(List<ConfigChange> changes) {
        var byKey = new TreeMap<String, Optional<String>>();
        for (var change : changes) {
            var value =
                    change.hasValue() ? Optional.of(change.getValue()) : Optional.<String>empty();
            if (byKey.put(change.getKey(), value) != null) {
                throw new IllegalArgumentException("a key changed twice");
            }
        }
        return byKey;
    }

    static PartitionStateView state(PartitionState state) {
        var view =
                PartitionStateView.newBuilder()
                        .addAllReplicas(state.replicas())
                        .addAllDirectories(ids(state.directories()))
                        .addAllIsr(state.isr())
                        .addAllElr(state.elr())
                        .addAllRecovering(state.recovering())
                        .setLeaderEpoch(state.leaderEpoch())
                        .setPartitionEpoch(state.partitionEpoch())
                        .setFsyncUnproven(state.fsyncUnproven());
        state.leader().ifPresent(view::setLeader);
        return view.build();
    }

    static PartitionState state(PartitionStateView view) {
        return new PartitionState(
                view.getReplicasList(),
                uuids(view.getDirectoriesList()),
                view.getIsrList(),
                view.getElrList(),
                view.getRecoveringList(),
                optional(view.hasLeader(), view.getLeader()),
                view.getLeaderEpoch(),
                view.getPartitionEpoch(),
                view.getFsyncUnproven());
    }

    static VoterName voter(QuorumVoter voter) {
        return VoterName.newBuilder()
                .setNodeId(voter.nodeId())
                .setDirectoryId(id(voter.directoryId()))
                .setEndpoint(endpoint(voter.endpoint()))
                .build();
    }

    static QuorumVoter voter(VoterName voter) {
        return new QuorumVoter(
                node(voter.getNodeId()), id(voter.getDirectoryId()), endpoint(voter.getEndpoint()));
    }

    static CommandElection election(ControllerCommand.ElectionKind kind) {
        return switch (kind) {
            case PREFERRED -> CommandElection.COMMAND_ELECTION_PREFERRED;
            case UNCLEAN -> CommandElection.COMMAND_ELECTION_UNCLEAN;
        };
    }

    static ControllerCommand.ElectionKind election(CommandElection election) {
        return switch (election) {
            case COMMAND_ELECTION_PREFERRED -> ControllerCommand.ElectionKind.PREFERRED;
            case COMMAND_ELECTION_UNCLEAN -> ControllerCommand.ElectionKind.UNCLEAN;
            case COMMAND_ELECTION_UNSPECIFIED, UNRECOGNIZED ->
                    throw new IllegalArgumentException("no kind of election");
        };
    }
}
