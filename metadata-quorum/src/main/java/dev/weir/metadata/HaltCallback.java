// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

import org.jspecify.annotations.Nullable;

/// Stops the process. The metadata plane calls it when going on could make this node's state differ
/// from the other voters', or could lose its vote: a failed log, a full disk, a broken invariant.
///
/// In a server it ends in `Runtime.halt`, after one ERROR line. Tests record the call instead, and
/// every caller behaves as if the process had gone: it does nothing afterwards.
@FunctionalInterface
public interface HaltCallback {

    /// Called from any thread, possibly more than once, never under a lock that a shutdown needs.
    ///
    /// @param reason one line for an operator
    /// @param cause what was caught, if anything was
    void halt(String reason, @Nullable Throwable cause);
}
