// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

/// Metadata bytes that no version of Weir has written: torn, of another format, or out of bounds.
public final class MalformedMetadataException extends MetadataException {

    private static final long serialVersionUID = 1L;

    /// @param message what was met and what was expected
    public MalformedMetadataException(String message) {
        super(message);
    }

    /// @param message what was met and what was expected
    /// @param cause the parser's failure
    public MalformedMetadataException(String message, Throwable cause) {
        super(message, cause);
    }
}
