// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

/// A failure of the metadata's environment: bytes that cannot be read, a disk that fails.
///
/// Expected outcomes are results, not exceptions; broken invariants are [IllegalStateException]s.
/// Both of the latter and every subtype here that concerns the log's content halt the node: a
/// replica that diverges is worse than one that is missing.
public abstract sealed class MetadataException extends RuntimeException
        permits UnknownRecordException, MalformedMetadataException, QuorumException {

    /// @param message what was met, where, and what was expected
    protected MetadataException(String message) {
        super(message);
    }

    /// @param message what was met, where, and what was expected
    /// @param cause the failure underneath
    protected MetadataException(String message, Throwable cause) {
        super(message, cause);
    }
}
