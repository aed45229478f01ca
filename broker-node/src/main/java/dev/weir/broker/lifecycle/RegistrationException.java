// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

/// This process can be no broker of the cluster; the message is one line with the cure.
public final class RegistrationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param message one line, cause and cure
    public RegistrationException(String message) {
        super(message);
    }
}
