// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

/// The configuration cannot be used. The message is one line for the operator: file, line and key
/// as far as they are known, the cause, and the cure. Text from the file is escaped in it.
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param message one line, cause and cure
    public ConfigException(String message) {
        super(message);
    }

    /// @param message one line, cause and cure
    /// @param cause the failure of the environment behind it
    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
