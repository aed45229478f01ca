// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Deadline;

import org.jspecify.annotations.Nullable;

/// Makes ways to other nodes, one a sender.
@FunctionalInterface
interface AwayRoutes {

    /// @param deadline of all that the sender sends; `null` if each batch's own is all there is
    AwayBatches of(Principal principal, @Nullable Deadline deadline);
}
