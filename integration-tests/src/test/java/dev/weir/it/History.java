// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import dev.weir.client.TopicPartition;

import java.util.List;
import java.util.Map;

/// What clients saw of a cluster, and what it holds in the end.
///
/// @param sent every record that a client handed over, in any order
/// @param read every record that a reader got while the cluster was under load; those of one reader
///   in the order in which it got them
/// @param stored what each partition holds when all is over, in the order of one read from its
///   start to its high watermark
record History(List<Sent> sent, List<Read> read, Map<TopicPartition, List<Stored>> stored) {

    /// Names a record; it is part of the record's value, so that it can be told from what is
    /// stored.
    ///
    /// @param producer who sent it
    /// @param number rises by one with each record that the producer sends to a partition
    record RecordId(int producer, long number) {}

    /// What a client was told about a record. Times are of one monotonic clock.
    sealed interface Outcome {

        /// It is stored.
        record Acknowledged(long offset, long atNs) implements Outcome {}

        /// It is not stored, and never will be.
        record Refused(String reason) implements Outcome {}

        /// It may be stored.
        record Unknown() implements Outcome {}
    }

    /// A record that a client handed over.
    ///
    /// @param crc of its whole value
    /// @param atNs when, at the latest, the cluster had not heard of it yet
    record Sent(TopicPartition partition, RecordId id, int crc, long atNs, Outcome outcome) {}

    /// A record that a reader got.
    record Read(int reader, TopicPartition partition, long offset, RecordId id, int crc) {}

    /// A record that is there in the end.
    record Stored(long offset, RecordId id, int crc) {}

    History {
        sent = List.copyOf(sent);
        read = List.copyOf(read);
        stored = Map.copyOf(stored);
    }
}
