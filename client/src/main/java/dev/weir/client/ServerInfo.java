// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;

/// Who answered, and which limits hold there.
///
/// @param version of the node's program
/// @param features names of what it supports
/// @param maxBatchBytes largest record batch, inclusive
/// @param initialProduceCreditBytes what a produce stream may send before its first answer
/// @param maxInFlightBatches unanswered sequenced batches of one producer and partition
/// @param maxFetchCreditBytes upper bound of a fetch stream's outstanding credit
public record ServerInfo(
        String clusterId,
        int nodeId,
        String version,
        List<String> features,
        int maxBatchBytes,
        long initialProduceCreditBytes,
        int maxInFlightBatches,
        long maxFetchCreditBytes) {}
