// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// A refusal on its way from a check to the one place that answers it. Without a stack trace: it is
/// an answer, not a defect.
public final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    /// @param error what the caller is told
    public ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    /// What the caller is told.
    public ApiError error() {
        return error;
    }
}
