// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.controller.BrokerProbe;

import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Takes the end of a leader's process as a sign, as brokers are fenced by it too: when the
/// leader's connection breaks and nothing listens at its address any more, one follower stands for
/// election without waiting for its timer. So the timer can be long enough for a busy machine.
///
/// Any follower may stand at any time: Raft's safety does not rest on when. A leader that is silent
/// or cut off is left to the timer.
///
/// **Threading:** [#linkBroken] comes from the transport's threads and only starts another one.
final class LostLeader {

    private static final Logger LOG = LoggerFactory.getLogger(LostLeader.class);

    private final RatisMetadataLog log;
    private final BrokerProbe probe;
    private final long turnMs;
    private final AtomicBoolean isLooking = new AtomicBoolean();

    /// @param probe blocks as long as it takes to be sure
    /// @param turnMs time that a follower gives the one before it, so that they do not split the
    ///   vote. The others need not stand at all unless the first one is lost too, and a busy
    ///   machine lets it notice late
    LostLeader(RatisMetadataLog log, BrokerProbe probe, long turnMs) {
        this.log = log;
        this.probe = probe;
        this.turnMs = turnMs;
    }

    /// A connection on which `from` sent its entries is gone.
    void linkBroken(RaftPeerId from) {
        if (log.follows(from) && isLooking.compareAndSet(false, true)) {
            var _ = Thread.ofVirtual().name("weir-lost-leader").start(() -> look(from));
        }
    }

    private void look(RaftPeerId leader) {
        try {
            var address =
                    log.voters().stream()
                            .filter(peer -> peer.getId().equals(leader))
                            .findFirst()
                            .map(PeerName::voter);
            if (address.isEmpty()) {
                return;
            }
            if (probe.isRefused(address.get().endpoint())) {
                stand(leader);
            }
        } catch (RuntimeException e) {
            // The timer will do it.
            LOG.info("could not look after a lost leader: {}", e.toString());
        } finally {
            isLooking.set(false);
        }
    }

    private void stand(RaftPeerId leader) {
        var turn =
                log.voters().stream()
                        .map(RaftPeer::getId)
                        .filter(id -> !id.equals(leader))
                        .map(RaftPeerId::toString)
                        .filter(id -> id.compareTo(log.peerId().toString()) < 0)
                        .count();
        if (turn > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(turn * turnMs));
        }
        if (log.follows(leader) && log.standInsteadOf(leader)) {
            LOG.info("the process of leader {} is gone: this voter stands for election", leader);
        }
    }
}
