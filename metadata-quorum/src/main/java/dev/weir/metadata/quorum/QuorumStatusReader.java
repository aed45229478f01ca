// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.identity.DirectoryIdentity;

import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;

import java.util.Comparator;
import java.util.OptionalInt;

/// Reads a [QuorumStatus] from the library. Its fields are read one after the other, so they may be
/// of slightly different moments.
final class QuorumStatusReader {

    private QuorumStatusReader() {}

    static QuorumStatus read(
            RaftServer.Division division,
            DirectoryIdentity identity,
            long metadataOffset,
            boolean isActiveController) {
        var info = division.getInfo();
        var leader = info.getLeaderId();
        return new QuorumStatus(
                identity.clusterId(),
                identity.nodeId(),
                identity.directoryId(),
                role(info),
                leader == null ? OptionalInt.empty() : OptionalInt.of(PeerName.nodeId(leader)),
                info.getCurrentTerm(),
                division.getRaftLog().getLastCommittedIndex(),
                info.getLastAppliedIndex(),
                metadataOffset,
                isActiveController,
                info.getLifeCycleState() == LifeCycle.State.RUNNING,
                division.getRaftConf().getCurrentPeers().stream()
                        .map(QuorumStatusReader::voter)
                        .sorted(Comparator.comparingInt(QuorumStatus.VoterStatus::nodeId))
                        .toList());
    }

    private static QuorumStatus.Role role(DivisionInfo info) {
        if (info.getLifeCycleState() != LifeCycle.State.RUNNING) {
            return QuorumStatus.Role.OUT;
        }
        return switch (info.getCurrentRole()) {
            case LEADER -> QuorumStatus.Role.LEADER;
            case FOLLOWER -> QuorumStatus.Role.FOLLOWER;
            case CANDIDATE -> QuorumStatus.Role.CANDIDATE;
            case LISTENER, UNRECOGNIZED -> QuorumStatus.Role.OUT;
        };
    }

    private static QuorumStatus.VoterStatus voter(RaftPeer peer) {
        return new QuorumStatus.VoterStatus(
                PeerName.nodeId(peer.getId()),
                PeerName.directoryId(peer.getId()),
                peer.getAddress());
    }
}
