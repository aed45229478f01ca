// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.RequestMeters;

import java.util.concurrent.Executor;

/// What all reads of a node share.
///
/// @param router finds partitions
/// @param forwarding for what other nodes lead
/// @param limits what readers are held to
/// @param workers bounded; decodes structured reads
/// @param timers for silent streams and waiting reads
/// @param meters counts
/// @param streams the node's open streams
record FetchContext(
        PartitionRouter router,
        Forwarding forwarding,
        ApiLimits limits,
        Executor workers,
        StreamTimers timers,
        RequestMeters meters,
        OpenStreams streams) {}
