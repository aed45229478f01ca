// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import org.jspecify.annotations.Nullable;

/// The node cannot start. The message is one line for an operator: the cause, and the cure.
public final class BrokerStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param message one line, cause and cure
    /// @param cause what was met, for the log; null if the message says it all
    public BrokerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
