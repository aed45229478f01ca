// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// What to do about damage to bytes that had been durable.
public enum RecoveryMode {

    /// Refuse to open; nothing is changed. The default.
    KEEP_ALL,

    /// After a failure of the directory, where this copy counts: keep every valid batch up to the
    /// first bad one, and report it. What lies above the recovery point may be in memory only, and
    /// is copied.
    KEEP_VALID_PREFIX,

    /// After a failure of the directory, where other replicas hold the rest: drop everything above
    /// the recovery point, and of what lies below keep what is valid.
    DROP_UNPROVEN
}
