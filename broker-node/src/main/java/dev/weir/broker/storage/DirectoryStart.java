// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import java.util.UUID;

/// How a data directory was found at this start: what the registration reports.
///
/// @param incarnation random 128 bit, new at every start
/// @param directoryId given by `format`
/// @param lastStop how the process before this one ended
/// @param unproven an I/O error had stopped it, and an operator gave it back since
public record DirectoryStart(
        UUID incarnation, UUID directoryId, LastStop lastStop, boolean unproven) {

    /// How the last process that had the directory ended.
    public enum LastStop {
        /// There was none.
        NEW,
        /// It closed everything.
        CLEAN,
        /// It died, but the system stayed up: the page cache is intact.
        PROCESS_CRASH,
        /// The system went down with it: unflushed bytes are gone (KIP-966).
        SYSTEM_CRASH
    }
}
