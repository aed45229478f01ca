// SPDX-License-Identifier: Apache-2.0

/// The record batch: the unit that producers build, the log stores, replicas copy and consumers
/// read, byte for byte the same everywhere (Kafka's record batch v2).
///
/// Nothing here owns state beyond the object in hand: views look at the caller's buffer, a builder
/// and a reader belong to one thread. The package knows neither files nor network nor protobuf, and
/// no module of this project.
@NullMarked
package dev.weir.record;

import org.jspecify.annotations.NullMarked;
