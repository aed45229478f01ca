// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.MetadataRecord;

import java.util.List;

/// What a decider makes of a command: records that would carry it out, or a refusal.
sealed interface Decision {

    /// Carry it out.
    ///
    /// @param records what to propose, as one batch; empty if nothing has to change
    /// @param result what to answer once they have applied
    record Accept(List<MetadataRecord> records, CommandResult result) implements Decision {}

    /// Do not.
    ///
    /// @param refusal why
    record Refuse(Refusal refusal) implements Decision {}

    static Decision accept(List<MetadataRecord> records, CommandResult result) {
        return new Accept(List.copyOf(records), result);
    }

    static Decision accept(CommandResult result) {
        return new Accept(List.of(), result);
    }

    static Decision refuse(Code code, String message) {
        return new Refuse(new Refusal(code, message));
    }
}
