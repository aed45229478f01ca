// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/// What this node knows about the quorum at one moment. A snapshot for people and health checks;
/// nothing is decided on it.
///
/// @param clusterId the cluster, which is also the Raft group
/// @param nodeId this node
/// @param directoryId this node's directory
/// @param role this node's part
/// @param leaderId the leader this node believes in
/// @param term Raft term this node is in
/// @param commitIndex last index this node knows to be committed
/// @param appliedIndex last index applied here, inclusive; entries of the log's own included
/// @param metadataOffset offset of this node's image: index of the last batch that changed it
/// @param isActiveController this node's controller decides
/// @param isHealthy the Raft division runs; false means that the node is about to halt
/// @param voters the current configuration, by node id
public record QuorumStatus(
        UUID clusterId,
        int nodeId,
        UUID directoryId,
        Role role,
        OptionalInt leaderId,
        long term,
        long commitIndex,
        long appliedIndex,
        long metadataOffset,
        boolean isActiveController,
        boolean isHealthy,
        List<VoterStatus> voters) {

    public QuorumStatus {
        voters = List.copyOf(voters);
    }

    /// A voter's part in its term.
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        /// The division is starting, paused for a snapshot, or closed.
        OUT
    }

    /// One voter of the configuration.
    ///
    /// @param nodeId its number
    /// @param directoryId its directory
    /// @param address `host:port` the others connect to
    public record VoterStatus(int nodeId, UUID directoryId, String address) {}
}
