// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.Record;

/// A record and where it came from.
///
/// @param partition where it is stored
/// @param leaderEpoch epoch of the leader that appended it
/// @param record offset, timestamp, key, value and headers
public record FetchedRecord(TopicPartition partition, int leaderEpoch, Record record) {

    public long offset() {
        return record.offset();
    }
}
