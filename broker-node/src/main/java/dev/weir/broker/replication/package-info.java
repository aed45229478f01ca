// SPDX-License-Identifier: Apache-2.0

/// The streams that carry replication between nodes.
///
/// ```
///   follower's node                                        leader's node
///   OutgoingLink (node, lane) ── Replicate, ToLeader ────▶ ReplicationService
///                             ◀── ToFollower, pushes ────
/// ```
///
/// One stream for each (follower's node, leader's node, lane), each on a connection of its own; all
/// partitions share it. Nothing here knows a rule of replication: messages may be lost whenever a
/// bound is hit, because a broken link ends every session on it, and sessions begin anew.
///
/// Owns the streams, their outboxes and the bytes in them. Must not see logs, images or services of
/// `weir.v1`.
@NullMarked
package dev.weir.broker.replication;

import org.jspecify.annotations.NullMarked;
