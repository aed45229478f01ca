// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

/// Why a command was not carried out. Certain: it changed nothing.
///
/// @param code what programs look at
/// @param message one sentence for people, without untrusted text in full length
public record Refusal(Code code, String message) {

    /// The reasons. Each maps to one row of `docs/errors.md`.
    public enum Code {
        /// The name breaks the rules of topic names.
        INVALID_TOPIC_NAME,
        /// A topic of that name exists.
        TOPIC_EXISTS,
        /// No topic of that name.
        UNKNOWN_TOPIC,
        /// No topic of that id; it may have been deleted.
        UNKNOWN_TOPIC_ID,
        /// No such partition in the topic.
        UNKNOWN_PARTITION,
        /// A partition count that is not possible.
        INVALID_PARTITIONS,
        /// A replication factor below 1 or above the live brokers.
        INVALID_REPLICATION_FACTOR,
        /// An unknown key, a bad value, or a key outside of its scope.
        INVALID_CONFIG,
        /// More than one request, batch or cluster may hold.
        LIMIT_EXCEEDED,
        /// No such broker.
        UNKNOWN_BROKER,
        /// The registration that is named is no longer current: ask again.
        STALE_REGISTRATION,
        /// The process that asks has been replaced by a newer incarnation.
        STALE_INCARNATION,
        /// The build cannot run at the cluster's feature level.
        UNSUPPORTED_VERSION,
        /// The leader epoch is not the current one, or another node leads.
        FENCED_LEADER_EPOCH,
        /// The partition has changed since the image that the request is based on.
        STALE_PARTITION_EPOCH,
        /// A proposed member may not join: fenced, stopping, or of another incarnation.
        INELIGIBLE_REPLICA,
        /// A log directory of another broker, or one that the broker does not have.
        WRONG_DIRECTORY,
        /// The broker still has a session or replicas.
        BROKER_IN_USE,
        /// No such voter in the quorum.
        UNKNOWN_VOTER,
        /// The node votes with another directory, which has to be removed first.
        VOTER_EXISTS,
        /// The live voters would be no majority after the change.
        QUORUM_AT_RISK,
        /// Nobody of that name answers at the new voter's address, or it does not catch up.
        VOTER_NOT_READY,
        /// Another change of the voters is on its way.
        VOTER_CHANGE_IN_PROGRESS,
        /// Too many commands wait; nothing was decided. Retry later.
        BUSY
    }
}
