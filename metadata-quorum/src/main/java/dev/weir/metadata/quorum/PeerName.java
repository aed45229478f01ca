// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

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
}
