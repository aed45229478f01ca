// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.Voter;
import dev.weir.metadata.quorum.MetadataQuorum;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// What a starting node waits for before it can register: that somebody leads the quorum, and that
/// this node belongs to it. Both may need a person, so the wait has no end; what it waits for is
/// logged.
final class QuorumEntry {

    private static final Logger LOG = LoggerFactory.getLogger(QuorumEntry.class);

    private static final long POLL_MS = 20;
    private static final long FIRST_WORD_MS = 3_000;
    private static final long WORD_MS = 30_000;

    private final MetadataQuorum quorum;
    private final BrokerConfig config;

    QuorumEntry(MetadataQuorum quorum, BrokerConfig config) {
        this.quorum = quorum;
        this.config = config;
    }

    /// @throws BrokerStartException interrupted
    void await() {
        var startNs = System.nanoTime();
        var isWaitingToBeAdded = !quorum.isVoter();
        var nextWordMs = isWaitingToBeAdded ? 0 : FIRST_WORD_MS;
        while (!quorum.isVoter() || quorum.leaderHint().isEmpty()) {
            if (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs) >= nextWordMs) {
                LOG.warn(quorum.isVoter() ? waitsForAMajority() : waitsToBeAdded());
                nextWordMs += WORD_MS;
            }
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BrokerStartException("interrupted during the start", e);
            }
        }
        if (isWaitingToBeAdded) {
            LOG.info("added to the metadata quorum");
        }
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
