// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.controller.core.ControllerSettings;

import io.micrometer.core.instrument.MeterRegistry;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// What one node needs to take part in the quorum.
///
/// @param directory the formatted quorum directory
/// @param nodeId this node's number; must be the directory's
/// @param clusterId the cluster this node is known to belong to; null to take the directory's word
/// @param listener where this node listens for the other voters
/// @param voters all voters, this node included; empty for a quorum of this node alone. Read at the
///   first start only: afterwards the Raft configuration in the directory stands
/// @param tuning timeouts and bounds
/// @param meters where the library's meters go
public record QuorumConfig(
        Path directory,
        int nodeId,
        @Nullable UUID clusterId,
        Listener listener,
        List<Voter> voters,
        Tuning tuning,
        MeterRegistry meters) {

    public QuorumConfig {
        voters = List.copyOf(voters);
    }

    /// The quorum's own address: Ratis cannot share a port with the broker's services.
    ///
    /// @param host bind address
    /// @param port 0 for any free one, which only a quorum of one can use
    public record Listener(String host, int port) {

        public Listener {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port " + port);
            }
        }
    }

    /// One voter as the others know it.
    ///
    /// @param nodeId the voter's number
    /// @param directoryId its directory's id, part of its Raft name: a replaced disk is a new voter
    /// @param host address the others connect to
    /// @param port its quorum port
    public record Voter(int nodeId, UUID directoryId, String host, int port) {}

    /// Timeouts and bounds; all intervals in milliseconds.
    ///
    /// @param electionTimeoutMs lower bound of the election timeout; the upper bound is twice this.
    ///   Heartbeats are sent at half of it
    /// @param snapshots when snapshots are taken
    /// @param history how much of the past is kept
    /// @param diskFreeMinBytes below this much usable space on the directory's disk the node halts,
    ///   because a full disk would truncate the file that holds its vote
    /// @param controller the controller's times and limits
    public record Tuning(
            int electionTimeoutMs,
            Snapshots snapshots,
            History history,
            long diskFreeMinBytes,
            ControllerSettings controller) {}

    /// When the image is written to disk and the log before it is purged.
    ///
    /// @param entries log entries since the last snapshot
    /// @param keptEntries entries kept in the log below the snapshot, so that a voter that was away
    ///   for a moment needs no snapshot
    /// @param intervalMs a snapshot is also taken this often, if anything was applied since the
    ///   last
    /// @param segmentBytes size of a log file; the log is purged by whole files
    public record Snapshots(int entries, int keptEntries, long intervalMs, int segmentBytes) {

        /// What a server runs with.
        public static final Snapshots DEFAULT = new Snapshots(10_000, 5_000, 10 * 60_000, 8 << 20);
    }

    /// How much of the past `imageAt` can show.
    ///
    /// @param keepMs age up to which applied batches are kept (`metadata.history.ms`)
    /// @param keepBytes bytes on disk they may take (`metadata.history.bytes`)
    public record History(long keepMs, long keepBytes) {}
}
