// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.PartitionFiles.Prepared;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// The file that was made ready to become a log's next segment, if it is there in time.
///
/// **Threading:** the log's writer and background tasks.
final class NextSegment {

    private final PartitionFiles files;
    private final Executor background;
    private Optional<Prepared> ready = Optional.empty();
    private boolean asked;
    private boolean closed;

    /// Which asking is the newest: a file for an earlier one may come beside the one for this.
    private long asking;

    NextSegment(PartitionFiles files, Executor background) {
        this.files = files;
        this.background = background;
    }

    /// Asks for one, unless it was asked for since the last [#take].
    void ask(int bytes) {
        long mine;
        synchronized (this) {
            if (asked || closed) {
                return;
            }
            asked = true;
            mine = ++asking;
        }
        try {
            background.execute(() -> files.prepare(bytes).ifPresent(it -> accept(it, mine)));
        } catch (RejectedExecutionException _) {
            // The directory is closing.
        }
    }

    private void accept(Prepared prepared, long forAsking) {
        synchronized (this) {
            if (asked && !closed && forAsking == asking) {
                ready = Optional.of(prepared);
                return;
            }
        }
        files.discard(prepared);
    }

    /// The file, if it is ready. One that comes later is thrown away.
    synchronized Optional<Prepared> take() {
        var taken = ready;
        ready = Optional.empty();
        asked = false;
        return taken;
    }

    void close() {
        Optional<Prepared> left;
        synchronized (this) {
            closed = true;
            left = ready;
            ready = Optional.empty();
        }
        left.ifPresent(files::discard);
    }
}
