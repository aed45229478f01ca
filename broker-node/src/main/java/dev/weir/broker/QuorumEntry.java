// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.Voter;
import dev.weir.metadata.quorum.MetadataQuorum;

import java.util.stream.Collectors;

/// What a starting node waits for before it can register: that somebody leads the quorum, and that
/// this node belongs to it. Both may need a person, who is told here.
final class QuorumEntry {

    private final MetadataQuorum quorum;
    private final BrokerConfig config;

    QuorumEntry(MetadataQuorum quorum, BrokerConfig config) {
        this.quorum = quorum;
        this.config = config;
    }

    /// How it stands now, in one line.
    String describe() {
        if (!quorum.isVoter()) {
            return waitsToBeAdded();
        }
        var leader = quorum.leaderHint();
        return leader.isPresent()
                ? "node " + leader.getAsInt() + " leads the metadata quorum"
                : waitsForAMajority();
    }

    private String waitsToBeAdded() {
        var self =
                new Voter(
                        config.nodeId(),
                        config.quorumAdvertisedAddress(),
                        quorum.identity().directoryId());
        return "this node's metadata directory is no voter of the quorum; waiting for: weir cluster"
                + " add-voter "
                + self
                + " --bootstrap HOST:PORT of a node that runs";
    }

    private String waitsForAMajority() {
        var voters =
                quorum.status().voters().stream()
                        .map(voter -> voter.nodeId() + "@" + voter.address())
                        .collect(Collectors.joining(", "));
        return "no leader of the metadata quorum yet; waiting for a majority of its voters: "
                + voters;
    }
}
