// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// Who gave a batch's records their timestamps.
public enum TimestampType {
    /// The producer, record by record.
    CREATE_TIME,
    /// The leader at append: every record has the batch's `maxTimestampMs`.
    LOG_APPEND_TIME
}
