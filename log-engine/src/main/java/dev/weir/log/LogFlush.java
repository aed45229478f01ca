// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.segment.FlushPart;
import dev.weir.log.segment.PartitionFiles;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What one flush covers, and what came of it.
final class LogFlush implements FlushTicket {

    private final Scope scope;
    private final PartitionFiles files;
    private final StateFiles stateFiles;
    private boolean completed;
    private @Nullable LogException error;
    // Written last: who sees it sees the error.
    private volatile boolean ran;

    LogFlush(Scope scope, PartitionFiles files, StateFiles stateFiles) {
        this.scope = scope;
        this.files = files;
        this.stateFiles = stateFiles;
    }

    /// Captured on the log's turn.
    ///
    /// @param generation truncations and resets so far
    /// @param endOffset log end
    /// @param parts segments, each held
    /// @param directoryNew whether the partition's directory may not be durable itself
    /// @param epochs history at the end
    /// @param snapshots producer states to be written
    record Scope(
            long generation,
            long endOffset,
            List<FlushPart> parts,
            boolean directoryNew,
            LeaderEpochHistory epochs,
            List<StateFiles.Snapshot> snapshots) {}

    @Override
    public long endOffset() {
        return scope.endOffset();
    }

    @Override
    public long unflushedBytes() {
        return scope.parts().stream().mapToLong(FlushPart::unflushedBytes).sum();
    }

    Scope scope() {
        return scope;
    }

    @Override
    public void run() {
        // Whatever ends this early, an error of the process included, leaves it unproved.
        @Nullable LogException outcome =
                new LogException.DiskFailedException(files.directory(), "flush", null);
        try {
            scope.parts().forEach(FlushPart::run);
            if (scope.parts().stream().anyMatch(FlushPart::entryDirty)) {
                files.syncEntries(scope.directoryNew());
            }
            stateFiles.write(scope.generation(), scope.epochs(), scope.snapshots());
            outcome = null;
        } catch (LogException e) {
            outcome = e;
        } catch (Throwable e) {
            outcome = new LogException.DiskFailedException(files.directory(), "flush", e);
            throw e;
        } finally {
            error = outcome;
            ran = true;
        }
    }

    /// The error of a run that returned. Once.
    ///
    /// @throws IllegalStateException if it did not run, or was completed before
    @Nullable LogException finish() {
        if (!ran || completed) {
            throw new IllegalStateException(completed ? "completed twice" : "not run yet");
        }
        completed = true;
        scope.parts().forEach(FlushPart::release);
        return error;
    }
}
