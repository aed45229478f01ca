// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// How safe an acknowledged record is.
public enum Durability {
    /// Appended by the leader; nothing more is known.
    LEADER,
    /// In the page cache of every in-sync replica.
    REPLICATED,
    /// On stable storage of every in-sync replica.
    FSYNC
}
