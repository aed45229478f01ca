// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

/// How a command ended. Every command gets exactly one.
public sealed interface CommandOutcome {

    /// It is committed and applied on this node (or needed no change, and what it rests on is).
    ///
    /// @param result the answer
    /// @param metadataOffset an image at least this new shows the effect
    record Committed(CommandResult result, long metadataOffset) implements CommandOutcome {}

    /// It was refused and changed nothing.
    ///
    /// @param refusal why
    /// @param metadataOffset an image at least this new shows the reason
    record Refused(Refusal refusal, long metadataOffset) implements CommandOutcome {}

    /// This node is not the active controller; it changed nothing. Retry elsewhere or later.
    record NotController() implements CommandOutcome {}

    /// It was proposed, and whether it counts cannot be told from here: look, then retry.
    record Unknown() implements CommandOutcome {}
}
