// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import org.jspecify.annotations.Nullable;

/// A command cannot do what it was asked. The message is the one line that the user sees: cause and
/// cure, without control characters of text from outside.
final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param message one line
    CommandFailure(String message) {
        super(message);
    }

    /// @param message one line
    /// @param cause what lies behind it
    CommandFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
