// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.RequestMeters;

import java.util.concurrent.Executor;

/// What all produce streams of a node share.
///
/// @param dispatcher brings requests to partitions
/// @param limits what senders are held to
/// @param budget the node's bytes in flight
/// @param workers bounded; encodes and compresses structured records
/// @param timers for silent streams
/// @param meters counts
/// @param streams the node's open streams
record ProduceContext(
        ProduceDispatcher dispatcher,
        ApiLimits limits,
        MemoryBudget budget,
        Executor workers,
        StreamTimers timers,
        RequestMeters meters,
        OpenStreams streams) {

    ApiError idle() {
        return StreamEnds.idle(limits.streamIdleMs());
    }

    ApiError stopping() {
        return StreamEnds.stopping();
    }
}
