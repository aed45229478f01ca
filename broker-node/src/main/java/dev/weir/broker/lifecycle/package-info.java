// SPDX-License-Identifier: Apache-2.0

/// The node's membership in the cluster as a broker: the thread around
/// [dev.weir.broker.lifecycle.core.BrokerLifecycle], which decides everything here.
///
/// [dev.weir.broker.lifecycle.ClusterMembership] owns that state. Sees partitions, images and the
/// controller's gateway; it must not see gRPC, log files' bytes or Ratis.
@NullMarked
package dev.weir.broker.lifecycle;

import org.jspecify.annotations.NullMarked;
