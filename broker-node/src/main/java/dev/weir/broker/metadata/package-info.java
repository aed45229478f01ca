// SPDX-License-Identifier: Apache-2.0

/// The node's dealings with the metadata quorum as a broker: its registration, its heartbeat, the
/// image that its replicas follow, and producer ids.
///
/// [dev.weir.broker.metadata.ReplicaFollower] owns the order in which images reach the replicas.
/// Sees images and the controller's gateway; it must not see gRPC, log files or Ratis.
@NullMarked
package dev.weir.broker.metadata;

import org.jspecify.annotations.NullMarked;
