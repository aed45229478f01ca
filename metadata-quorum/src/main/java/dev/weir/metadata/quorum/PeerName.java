// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.QuorumVoter;

import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

import java.util.UUID;

/// A voter's Raft name, `<nodeId>-<directoryId>`, taken apart.
final class PeerName {

    private PeerName() {}

    static int nodeId(RaftPeerId peerId) {
        var name = peerId.toString();
        return Integer.parseInt(name.substring(0, name.indexOf('-')));
    }

    static UUID directoryId(RaftPeerId peerId) {
        var name = peerId.toString();
        return UUID.fromString(name.substring(name.indexOf('-') + 1));
    }

    static RaftPeer peer(String peerId, String host, int port) {
        var address = (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        return RaftPeer.newBuilder().setId(peerId).setAddress(address).build();
    }

    static QuorumVoter voter(RaftPeer peer) {
        var address = peer.getAddress();
        var colon = address.lastIndexOf(':');
        var host = address.substring(0, colon);
        var isBracketed = host.startsWith("[") && host.endsWith("]");
        return new QuorumVoter(
                nodeId(peer.getId()),
                directoryId(peer.getId()),
                new Endpoint(
                        isBracketed ? host.substring(1, host.length() - 1) : host,
                        Integer.parseInt(address.substring(colon + 1))));
    }
}
