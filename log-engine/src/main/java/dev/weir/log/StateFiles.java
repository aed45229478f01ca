// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.segment.PartitionFiles;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// Writes a log's small files: epoch history and producer snapshots.
///
/// A flush that was begun before a truncation or reset must not bring the older state back, so each
/// write names its generation and older ones are dropped.
///
/// **Threading:** any thread: flushes and the log's writer.
final class StateFiles {

    /// Newest snapshots that are kept. Older ones would only save work at a deep truncation.
    private static final int SNAPSHOTS_KEPT = 3;

    private final PartitionFiles files;
    private final LongSupplier logStartOffset;
    private final ReentrantLock lock = new ReentrantLock();
    private long generation;
    private LeaderEpochHistory written;

    /// @param written epochs as the file has them
    /// @param logStartOffset where the log begins now
    StateFiles(PartitionFiles files, LeaderEpochHistory written, LongSupplier logStartOffset) {
        this.files = files;
        this.written = written;
        this.logStartOffset = logStartOffset;
    }

    /// Producer states at an offset, encoded on the log's turn.
    static final class Snapshot {

        private final long offset;
        private final byte[] bytes;

        Snapshot(long offset, byte[] bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }

        long offset() {
            return offset;
        }
    }

    /// Drops all writes of older generations from here on.
    void begin(long newGeneration) {
        lock.lock();
        try {
            generation = newGeneration;
        } finally {
            lock.unlock();
        }
    }

    /// Writes what changed. Durable on return, unless the generation is over.
    void write(long ofGeneration, LeaderEpochHistory epochs, List<Snapshot> snapshots) {
        lock.lock();
        try {
            if (ofGeneration != generation) {
                return;
            }
            if (!epochs.equals(written)) {
                files.writeEpochs(epochs);
                written = epochs;
            }
            for (var snapshot : snapshots) {
                files.writeProducers(snapshot.offset, snapshot.bytes);
            }
            if (!snapshots.isEmpty()) {
                files.deleteOldestProducers(SNAPSHOTS_KEPT, logStartOffset.getAsLong());
            }
        } finally {
            lock.unlock();
        }
    }
}
