// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

import java.util.Comparator;
import java.util.List;

/// The other voters as the leader heard them. Immutable, of one moment.
///
/// @param heard who answered how long ago, the most recent first; empty on a node that does not
///   lead
record LiveVoters(List<Heard> heard) {

    LiveVoters {
        heard = List.copyOf(heard);
    }

    /// @param peerId the voter, or one that is about to become one
    /// @param silenceMs since its last answer
    record Heard(RaftPeerId peerId, long silenceMs) {}

    static LiveVoters of(RaftServer.Division division) {
        return new LiveVoters(
                division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
                        .map(LiveVoters::heard)
                        .sorted(Comparator.comparingLong(Heard::silenceMs))
                        .toList());
    }

    private static Heard heard(ServerRpcProto follower) {
        return new Heard(
                RaftPeerId.valueOf(follower.getId().getId()), follower.getLastRpcElapsedTimeMs());
    }

    List<RaftPeerId> others() {
        return heard.stream().map(Heard::peerId).toList();
    }

    /// Whether a voter answered within `withinMs`.
    boolean isLive(RaftPeerId peerId, long withinMs) {
        return heard.stream()
                .anyMatch(other -> other.peerId().equals(peerId) && other.silenceMs() <= withinMs);
    }
}
