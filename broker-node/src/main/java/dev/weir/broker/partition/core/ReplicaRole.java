// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// What this node is for one partition. Immutable: a transition makes a new value.
///
/// ```
///             image names another leader, or none
///   Leader ───────────────────────────────────────▶ Follower
///     ▲                                                │
///     └────────────────────────────────────────────────┘
///             image names this node
///   any ──▶ Offline   (log failed or an invariant broke; only a restart leaves it)
/// ```
public sealed interface ReplicaRole {

    /// Node that leads as far as this replica knows, or [Assignment#NO_LEADER].
    int leaderId();

    /// Newest leader epoch this replica has heard of. Never decreases.
    int leaderEpoch();

    /// This node leads.
    ///
    /// @param epochStartOffset log end offset at the moment it became leader
    record Leader(int leaderId, int leaderEpoch, long epochStartOffset) implements ReplicaRole {}

    /// Another node leads, or none does.
    record Follower(int leaderId, int leaderEpoch) implements ReplicaRole {}

    /// The replica takes nothing and acknowledges nothing.
    ///
    /// @param reason for people; not parsed by anyone
    /// @param readable what was committed may still be read where the disk lets it be: true after
    ///   an I/O error, false after a broken invariant
    /// @param knowsAll it led, ready for readers, when it went offline, and nobody has led since:
    ///   it knows where the committed records end, and what is out of range
    record Offline(int leaderId, int leaderEpoch, String reason, boolean readable, boolean knowsAll)
            implements ReplicaRole {

        /// Another leader epoch begins.
        Offline in(int newLeaderId, int newEpoch) {
            var isNext = leaderId != Assignment.NO_LEADER && newEpoch == leaderEpoch + 1;
            var nobodyLed = isNext && newLeaderId == Assignment.NO_LEADER;
            return new Offline(newLeaderId, newEpoch, reason, readable, knowsAll && nobodyLed);
        }
    }
}
