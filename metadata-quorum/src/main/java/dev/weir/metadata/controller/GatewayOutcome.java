// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.Refusal;

import java.util.OptionalInt;

/// How a command given to a [ControllerGateway] ended.
public sealed interface GatewayOutcome {

    /// Committed by the quorum and applied on the controller's node.
    ///
    /// @param result the answer
    /// @param metadataOffset an image at least this new shows the effect
    record Committed(CommandResult result, long metadataOffset) implements GatewayOutcome {}

    /// Refused; nothing changed. `BUSY` also when the gateway's own mailbox is full.
    ///
    /// @param refusal why
    /// @param metadataOffset an image at least this new shows the reason
    record Refused(Refusal refusal, long metadataOffset) implements GatewayOutcome {}

    /// No active controller here; nothing changed. Retry, at the hinted node if there is one.
    ///
    /// @param leaderHint node id of the quorum's leader as this node believes; may be this node,
    ///   when its activation is still on its way
    record NotController(OptionalInt leaderHint) implements GatewayOutcome {}

    /// The deadline passed, or leadership was lost, after the command may have been proposed:
    /// whether it counts cannot be told from here. Look at the image, then retry.
    ///
    /// @param reason for logs and people; not parsed
    record Unknown(String reason) implements GatewayOutcome {}
}
