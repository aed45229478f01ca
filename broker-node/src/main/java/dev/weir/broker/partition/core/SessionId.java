// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.UUID;

/// One session of a follower with the leader of its partition.
///
/// @param incarnation of the follower's process
/// @param number rises for the life of that process; the highest that a leader has seen counts
public record SessionId(UUID incarnation, long number) {}
