// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

/// Who may change the image next. Part of the image and of its snapshots.
///
/// @param term Raft term of the current activation; 0 before the first
/// @param activationId id of the current activation; 0 before the first
/// @param lastSeq sequence number of the last applied batch of that activation
public record Activation(long term, long activationId, long lastSeq) {

    /// Before any controller was active.
    public static final Activation NONE = new Activation(0, 0, 0);
}
