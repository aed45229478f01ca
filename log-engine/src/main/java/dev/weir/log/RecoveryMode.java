// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// What to do about damage to bytes that had been durable.
public enum RecoveryMode {

    /// Refuse to open; nothing is changed. The default.
    KEEP_ALL,

    /// An operator's order for the last copy: keep every valid batch up to the first bad one, and
    /// report it.
    KEEP_VALID_PREFIX,

    /// After a failure of the directory, where other replicas hold the rest: drop everything above
    /// the recovery point, and of what lies below keep what is valid.
    DROP_UNPROVEN
}
