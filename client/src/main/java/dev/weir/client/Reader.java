// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads partitions, from any position, committed records only. One thread at a time.
///
/// Nodes push; this side grants them bytes as records are polled, so memory stays within
/// `creditBytes`. A broken connection is opened again and reading goes on at the next offset.
public final class Reader implements AutoCloseable {

    Reader(ReaderConfig config, ConnectionConfig connection, Nodes nodes) {}

    /// Begins to read a partition, or to read it anew from another position.
    public void assign(TopicPartition partition, StartPosition start) {
        throw new UnsupportedOperationException();
    }

    /// Stops reading a partition. Records of it that wait are dropped.
    public void unassign(TopicPartition partition) {
        throw new UnsupportedOperationException();
    }

    /// The records of the next batch.
    ///
    /// @param timeout how long to wait for one
    /// @return in offset order, one partition; empty if none came in time
    /// @throws ClientException `Refused` if a partition cannot be read on (its offset is out of
    ///   range, its topic is gone): it is no longer assigned then; `CorruptBatch` if its bytes are
    ///   damaged
    public List<FetchedRecord> poll(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// The next batch as it is stored, CRC checked, not decoded: for programs that read much.
    ///
    /// @param timeout how long to wait for one
    /// @return empty if none came in time
    /// @throws ClientException as [#poll]
    public Optional<FetchedBatch> pollBatch(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// Offset of the next record that a poll returns; empty until the node has said what the start
    /// position stands for.
    public OptionalLong position(TopicPartition partition) {
        throw new UnsupportedOperationException();
    }

    /// The newest high watermark heard of, exclusive; empty until the first answer.
    public OptionalLong highWatermark(TopicPartition partition) {
        throw new UnsupportedOperationException();
    }

    /// Records between position and high watermark; empty until both are known.
    public OptionalLong lag(TopicPartition partition) {
        throw new UnsupportedOperationException();
    }

    /// High watermarks, asked now.
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        throw new UnsupportedOperationException();
    }

    /// The offset that a position stands for, asked now.
    public long offsetOf(TopicPartition partition, StartPosition position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
