// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.controller.core.ControllerCommand.VoterCommand;

import java.util.concurrent.CompletionStage;

/// Who votes in the quorum, and how that changes while it runs.
public interface VoterSet {

    /// Adds or removes one voter. One change at a time; a second one is refused meanwhile.
    ///
    /// A leader that is to remove itself hands leadership over instead and answers
    /// [GatewayOutcome.NotController]: the new one is asked again.
    ///
    /// @return completes on any thread, never exceptionally; never blocks the caller
    CompletionStage<GatewayOutcome> change(VoterCommand command);
}
