// SPDX-License-Identifier: Apache-2.0
/// What a node is told in its configuration file: the typed list of keys, the strict reader, and
/// the page that documents them (`docs/configuration.md` is generated from here).
///
/// Holds no state: a [dev.weir.broker.config.BrokerConfig] is immutable. Must not see gRPC, the log
/// engine or the partitions; of the metadata module it sees the list of dynamic keys only.
@NullMarked
package dev.weir.broker.config;

import org.jspecify.annotations.NullMarked;
