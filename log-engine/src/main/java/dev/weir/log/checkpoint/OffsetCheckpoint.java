// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.PartitionId;
import dev.weir.log.disk.Disk;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// One offset for each partition of a log directory, in one file.
///
/// Payload of the [Frame], big-endian: number of partitions (int32); then of each, in order, topic
/// id (128 bit), partition (int32), offset (int64).
///
/// **Threading:** writes are serialised by the caller.
public final class OffsetCheckpoint {

    /// Name of the file of high watermarks.
    public static final String HIGH_WATERMARK_FILE = "replication-offset-checkpoint";

    /// Name of the file of recovery points.
    public static final String RECOVERY_POINT_FILE = "recovery-point-offset-checkpoint";

    private static final int VERSION = 1;
    private static final int ENTRY_BYTES = 3 * Long.BYTES + Integer.BYTES;

    private final CheckpointFile file;

    private OffsetCheckpoint(CheckpointFile file) {
        this.file = file;
    }

    /// What a read found.
    public sealed interface Offsets {

        /// The file is whole.
        ///
        /// @param byPartition unmodifiable
        record Present(SortedMap<PartitionId, Long> byPartition) implements Offsets {

            /// Takes a copy.
            public Present {
                byPartition = Collections.unmodifiableSortedMap(new TreeMap<>(byPartition));
            }
        }

        /// There is no such file.
        record Missing() implements Offsets {}

        /// The file is not what was written.
        ///
        /// @param reason for the log and the operator
        record Corrupt(String reason) implements Offsets {}

        /// The offsets that may be relied on: none, unless the file is whole. Both kinds of offset
        /// are lower bounds, so a missing one costs work at a start, never a record.
        default SortedMap<PartitionId, Long> orNone() {
            return switch (this) {
                case Present(var byPartition) -> byPartition;
                case Missing _, Corrupt _ -> Collections.emptySortedMap();
            };
        }
    }

    /// The high watermarks, `replication-offset-checkpoint`. A replica that restarts begins with
    /// this one, which may be lower than what it had reached.
    public static OffsetCheckpoint highWatermarks(Disk disk, Path directory) {
        return new OffsetCheckpoint(
                new CheckpointFile(disk, directory, HIGH_WATERMARK_FILE, "HWMK", VERSION));
    }

    /// The recovery points: what lies below had been flushed. Written about once a second while
    /// they move, so recovery reads at most one second of appends again. A log that is cut or reset
    /// below its recovery point takes the lower of the two.
    public static OffsetCheckpoint recoveryPoints(Disk disk, Path directory) {
        return new OffsetCheckpoint(
                new CheckpointFile(disk, directory, RECOVERY_POINT_FILE, "RCVP", VERSION));
    }

    /// Replaces the offsets of all partitions. Durable on return.
    public void write(Map<PartitionId, Long> byPartition) {
        var sorted = new TreeMap<>(byPartition);
        var payload = ByteBuffer.allocate(Integer.BYTES + sorted.size() * ENTRY_BYTES);
        payload.putInt(sorted.size());
        sorted.forEach(
                (id, offset) -> {
                    payload.putLong(id.topicId().getMostSignificantBits());
                    payload.putLong(id.topicId().getLeastSignificantBits());
                    payload.putInt(id.partition()).putLong(offset);
                });
        file.write(payload.array());
    }

    /// Reads the offsets.
    public Offsets read() {
        return switch (file.read()) {
            case CheckpointFile.Content.Missing _ -> new Offsets.Missing();
            case CheckpointFile.Content.Corrupt(var reason) -> new Offsets.Corrupt(reason);
            case CheckpointFile.Content.Present(_, var payload) -> decode(payload);
        };
    }

    private static Offsets decode(ByteBuffer payload) {
        try {
            var byPartition = new TreeMap<PartitionId, Long>();
            for (var left = payload.getInt(); left > 0; left--) {
                var topicId = new UUID(payload.getLong(), payload.getLong());
                var id = new PartitionId(topicId, payload.getInt());
                var offset = payload.getLong();
                if (offset < 0) {
                    return new Offsets.Corrupt(id + " has offset " + offset);
                }
                byPartition.put(id, offset);
            }
            return payload.hasRemaining()
                    ? new Offsets.Corrupt(payload.remaining() + " bytes too many")
                    : new Offsets.Present(byPartition);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return new Offsets.Corrupt("entries: " + e);
        }
    }
}
