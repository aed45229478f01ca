// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Acks;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// One batch for one partition.
///
/// @param batch exactly one record batch, format v2, between position and limit; big-endian and
///   writable, because base offset and leader epoch are stamped into it. Not checked yet. Must stay
///   as it is until [ProduceListener#onBatchReleased]
/// @param leaderEpoch when present, any other epoch of the leader is a refusal
/// @param deadlineMs monotonic time, in milliseconds, after which an appended batch that is not yet
///   committed is answered with `TimedOut`
public record ProduceCommand(
        ByteBuffer batch, Acks acks, OptionalInt leaderEpoch, long deadlineMs) {}
