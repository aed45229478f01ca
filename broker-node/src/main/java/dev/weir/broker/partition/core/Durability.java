// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// How safe a record is, weakest first.
public enum Durability {
    /// Appended at the leader; nothing more is known. Never a topic's level.
    LEADER,
    /// In the page cache of every in-sync replica.
    REPLICATED,
    /// On stable storage of every in-sync replica. The default of a topic.
    FSYNC
}
