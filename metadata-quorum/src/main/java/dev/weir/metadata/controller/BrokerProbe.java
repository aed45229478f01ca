// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.record.Endpoint;

/// Finds out whether anything listens where a broker said it would.
@FunctionalInterface
public interface BrokerProbe {

    /// Connects and hangs up. May block for its own short timeout; called on a thread of its own.
    ///
    /// @return true only if the connection was refused: no process listens there. A timeout, or any
    ///   other failure, proves nothing
    boolean isRefused(Endpoint endpoint);
}
