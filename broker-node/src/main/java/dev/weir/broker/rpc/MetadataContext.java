// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.metadata.FollowedOffset;
import dev.weir.broker.metadata.MetadataSource;
import dev.weir.broker.metrics.RequestMeters;
import dev.weir.broker.storage.PartitionRegistry;

import java.util.concurrent.Executor;

/// What metadata and admin calls of a node share.
///
/// @param metadata image, past, controller
/// @param partitions the node's replicas
/// @param followed how far the replicas follow the image
/// @param access what callers may do
/// @param configs configuration views
/// @param limits what callers are held to and told
/// @param pool small and bounded; for what may take milliseconds
/// @param watchers encodes what watches send; never full
/// @param streams the node's open streams
/// @param meters counts
record MetadataContext(
        MetadataSource metadata,
        PartitionRegistry partitions,
        FollowedOffset followed,
        Access access,
        ConfigViews configs,
        ApiLimits limits,
        Executor pool,
        Executor watchers,
        OpenStreams streams,
        RequestMeters meters) {}
