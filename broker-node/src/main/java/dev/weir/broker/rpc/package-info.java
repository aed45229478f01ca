// SPDX-License-Identifier: Apache-2.0

/// The node's gRPC face: one class a service of `weir.v1`, the two data streams, and the one place
/// where outcomes become statuses ([dev.weir.broker.rpc.ErrorMapping]).
///
/// Owns what one call or stream needs (its credit, its outbox, its subscriptions) and the node-wide
/// budget of request bytes. Knows partitions by their mailbox only and the cluster by images; it
/// must not see log files or Ratis. Nothing here blocks a network thread.
@NullMarked
package dev.weir.broker.rpc;

import org.jspecify.annotations.NullMarked;
