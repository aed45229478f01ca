// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// When a produce is answered.
public enum Acks {
    /// Once the batch is appended or refused, but the answer promises nothing: senders that asked
    /// for none are not told of an acceptance.
    NONE,
    /// When the leader has appended the batch. It can be lost with the leader.
    LEADER,
    /// When the high watermark has passed the batch: every in-sync replica has it at the topic's
    /// durability level.
    ALL
}
