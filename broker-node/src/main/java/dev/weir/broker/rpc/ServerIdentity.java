// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.ServerLimits;

import java.util.List;
import java.util.UUID;

/// Who answers.
///
/// @param clusterId the cluster
/// @param nodeId this node
/// @param version of the build
public record ServerIdentity(UUID clusterId, int nodeId, String version) {

    /// What a caller may count on beyond the plain contract.
    private static final List<String> FEATURES =
            List.of("idempotent-produce", "structured-records", "time-travel", "watch");

    GetServerInfoResponse info(ApiLimits limits) {
        return GetServerInfoResponse.newBuilder()
                .setClusterId(clusterId.toString())
                .setNodeId(nodeId)
                .setVersion(version)
                .addAllFeatures(FEATURES)
                .setLimits(
                        ServerLimits.newBuilder()
                                .setMaxBatchBytes(limits.batchBytesMax())
                                .setMaxMessageBytes(limits.messageBytesMax())
                                .setInitialProduceCreditBytes(limits.produceCreditBytes())
                                .setMaxInFlightBatches(ApiLimits.IN_FLIGHT_BATCHES_MAX)
                                .setStreamIdleMs(limits.streamIdleMs())
                                .setMaxSubscriptionsPerStream(limits.subscriptionsMax())
                                .setMaxFetchCreditBytes(limits.fetchCreditBytesMax())
                                .setMaxPartitionsPerRequest(limits.requestPartitionsMax()))
                .build();
    }
}
