// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metrics.RequestMeters;

import io.grpc.Deadline;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;

/// What all produce streams of a node share.
///
/// @param dispatcher brings requests to partitions
/// @param routes for what other nodes lead
/// @param limits what senders are held to
/// @param budget the node's bytes in flight
/// @param workers bounded; encodes and compresses structured records
/// @param timers for silent streams
/// @param meters counts
/// @param streams the node's open streams
record ProduceContext(
        ProduceDispatcher dispatcher,
        AwayRoutes routes,
        ApiLimits limits,
        MemoryBudget budget,
        Executor workers,
        StreamTimers timers,
        RequestMeters meters,
        OpenStreams streams) {

    /// For the batches of one sender that this node does not lead.
    ///
    /// @param deadline of all of them; `null` if each one's own is all there is
    AwayBatches away(Principal principal, @Nullable Deadline deadline) {
        return CallGuard.isForwarded() ? AwayBatches.NONE : routes.of(principal, deadline);
    }

    ApiError idle() {
        return StreamEnds.idle(limits.streamIdleMs());
    }

    ApiError stopping() {
        return StreamEnds.stopping();
    }
}
