// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Who leads, as far as this replica knows: the hint in a NOT_LEADER answer.
///
/// @param leaderId node that leads, or [Assignment#NO_LEADER]
/// @param leaderEpoch its epoch
public record NotLeader(int leaderId, int leaderEpoch) {}
