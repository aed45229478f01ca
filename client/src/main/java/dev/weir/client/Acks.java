// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// When a record counts as delivered.
public enum Acks {
    /// Every in-sync replica has it at the topic's durability level.
    ALL,
    /// The leader has appended it. It can be lost with the leader.
    LEADER,
    /// It was written to the connection. Nothing is retried, nothing is known; receipts have no
    /// offset.
    NONE
}
