// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// Who leads a partition, by this node's image.
sealed interface Leadership {

    /// The topic or partition is not in the image.
    record Gone() implements Leadership {}

    /// No replica leads.
    ///
    /// @param epoch the newest leader epoch
    record Nobody(int epoch) implements Leadership {}

    /// A node leads, this one or another.
    ///
    /// @param nodeId which
    /// @param epoch its leader epoch
    record Led(int nodeId, int epoch) implements Leadership {}
}
