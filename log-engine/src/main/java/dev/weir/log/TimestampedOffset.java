// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// Where a time lookup landed.
///
/// @param offset base offset of the first batch whose largest timestamp is at or above the time
///   asked for; the record itself is in this batch or, where the batch is compressed, to be found
///   by its reader
/// @param timestampMs that batch's largest timestamp
/// @param leaderEpoch that batch's epoch
public record TimestampedOffset(long offset, long timestampMs, int leaderEpoch) {}
