// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.FetchTicket;
import dev.weir.log.LogSlice;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicBoolean;

/// One fetch on its way, until it is answered or withdrawn, whichever comes first.
///
/// **Threading:** any thread.
final class QueuedFetch implements FetchTicket, PendingFetch {

    private static final Logger LOG = LoggerFactory.getLogger(QueuedFetch.class);

    private final FetchCommand command;
    private final FetchListener listener;
    private final Runnable onCancel;
    private final AtomicBoolean over = new AtomicBoolean();

    /// @param onCancel takes it out of where it is parked; given this fetch
    QueuedFetch(
            FetchCommand command,
            FetchListener listener,
            java.util.function.Consumer<QueuedFetch> onCancel) {
        this.command = command;
        this.listener = listener;
        this.onCancel = () -> onCancel.accept(this);
    }

    FetchCommand command() {
        return command;
    }

    boolean isOver() {
        return over.get();
    }

    @Override
    public boolean cancel() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        onCancel.run();
        return true;
    }

    /// Answers, unless it was withdrawn; then what it holds is given back.
    void answer(FetchOutcome outcome) {
        if (!over.compareAndSet(false, true)) {
            releaseOf(outcome);
            return;
        }
        try {
            listener.onOutcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("A fetch listener failed", e);
        }
    }

    private static void releaseOf(FetchOutcome outcome) {
        if (outcome instanceof FetchOutcome.Data(LogSlice slice, _, _, _)) {
            slice.release();
        }
    }
}
