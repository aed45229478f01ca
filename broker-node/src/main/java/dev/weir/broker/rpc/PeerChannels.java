// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Channel;

import java.util.Optional;

/// Connections to other nodes for the calls of clients that came to this one.
///
/// **Threading:** any thread; never blocks.
@FunctionalInterface
public interface PeerChannels {

    /// A node that knows no other.
    PeerChannels NONE = _ -> Optional.empty();

    /// The connection to a node's internal listener; empty for a node that the image does not know.
    /// Asked for each call.
    Optional<Channel> to(int nodeId);
}
