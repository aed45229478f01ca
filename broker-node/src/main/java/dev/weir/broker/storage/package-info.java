// SPDX-License-Identifier: Apache-2.0
/// The data directory of this node: who it belongs to, how it was left, which partitions are in it.
///
/// Owns the directory lock, the running marker, the checkpoints and the list of open partitions.
/// Must not see gRPC or protobuf.
@NullMarked
package dev.weir.broker.storage;

import org.jspecify.annotations.NullMarked;
