// SPDX-License-Identifier: Apache-2.0
/// One partition on this node: the shell that runs
/// [dev.weir.broker.partition.core.PartitionReplica] over a [dev.weir.broker.mailbox.Mailbox], a
/// [dev.weir.log.PartitionLog] and flush threads.
///
/// A partition's state belongs to the thread that drains its mailbox; everyone else sees published
/// snapshots. Must not see gRPC, protobuf or the metadata quorum.
@NullMarked
package dev.weir.broker.partition;

import org.jspecify.annotations.NullMarked;
