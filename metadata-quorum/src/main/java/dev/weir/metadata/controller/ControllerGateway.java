// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.controller.core.ControllerCommand;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// The way to the active controller: commands, and brokers' liveness.
///
/// **Threading:** any thread; nothing here blocks. Stages complete on the controller's thread, so
/// what hangs on them only enqueues.
public interface ControllerGateway {

    /// Asks the active controller to decide something.
    ///
    /// @param command what is wanted
    /// @param timeout how long the caller waits; then the answer is [GatewayOutcome.Unknown]
    /// @return never completes exceptionally. When it is [GatewayOutcome.Committed], this node's
    ///   image already shows the effect
    CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout);

    /// A registered broker's heartbeat stream is up. Until then it is fenced.
    ///
    /// A session outlives changes of the controller: a new one is told of every open session.
    ///
    /// @param nodeId the broker
    /// @param incarnation the process that registered
    BrokerSession openSession(int nodeId, UUID incarnation);
}
