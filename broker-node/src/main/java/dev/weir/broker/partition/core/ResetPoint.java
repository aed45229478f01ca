// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.nio.ByteBuffer;

/// Where a follower begins whose log has nothing in common with its leader's.
///
/// @param logStart first offset that the leader keeps
/// @param epochHistory encoded: the epochs that begin below `logStart`, and no other
/// @param producerStates encoded: what was known of producers at `logStart`
public record ResetPoint(long logStart, ByteBuffer epochHistory, ByteBuffer producerStates) {}
