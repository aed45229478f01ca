// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.replication;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// One message of a stream: what several partitions have to say at the moment. An empty one says
/// only that its sender lives.
///
/// @param hello in the first one of a direction, and no other
/// @param messages in order
/// @param heldBytes memory that its bytes stand in, in bytes; 0 for one that is to be sent
record Frame(@Nullable Hello hello, List<Addressed> messages, int heldBytes) {

    static Frame of(Hello hello) {
        return new Frame(hello, List.of(), 0);
    }

    static Frame of(List<Addressed> messages) {
        return new Frame(null, messages, 0);
    }

    /// Gives back what its messages hold.
    void release() {
        messages.forEach(Addressed::release);
    }
}
