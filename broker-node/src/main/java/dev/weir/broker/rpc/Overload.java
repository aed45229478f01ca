// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// The refusals of a request that is in order, by a node that has too much to do: each names the
/// limit that was reached.
final class Overload {

    private Overload() {}

    /// No more bytes of requests may be here.
    static ApiError ofMemory(MemoryBudget budget) {
        return ApiError.of(
                        ErrorReason.NODE_OVERLOADED,
                        "the node holds as many bytes of requests as it may; repeat")
                .violating(
                        "in.flight.memory.percent",
                        "at most " + budget.limitBytes() + " bytes in flight");
    }

    /// The threads that encode and decode structured records have too much in line.
    static ApiError ofWorkers() {
        return ApiError.of(
                        ErrorReason.NODE_OVERLOADED,
                        "too many requests wait to be encoded or decoded; repeat")
                .violating(
                        "worker.threads",
                        "at most " + ApiLimits.WORKER_QUEUE_MAX + " requests in line for them");
    }
}
