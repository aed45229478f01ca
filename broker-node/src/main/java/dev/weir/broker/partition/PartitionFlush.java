// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.log.FlushTicket;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A partition's one flush, from the wish to its end.
///
/// **Threading:** the partition's turn.
final class PartitionFlush implements FlushScheduler.Client {

    private enum State {
        NONE,
        IN_LINE,
        RUNNING
    }

    private final FlushScheduler scheduler;
    private final Consumer<PartitionTask> self;
    private State state = State.NONE;
    private boolean wanted;

    PartitionFlush(FlushScheduler scheduler, Consumer<PartitionTask> self) {
        this.scheduler = scheduler;
        this.self = self;
    }

    /// A flush is wanted that covers what is appended now.
    void want() {
        wanted = true;
    }

    /// Whether none is wanted in line or running.
    boolean isIdle() {
        return state == State.NONE;
    }

    /// Stands in line, if a flush is wanted and none is under way.
    ///
    /// @return whether it is this partition's turn to begin at once
    boolean request() {
        if (!wanted || state != State.NONE) {
            return false;
        }
        wanted = false;
        state = State.IN_LINE;
        return scheduler.request(this);
    }

    @Override
    public void onFlushSlot() {
        self.accept(new PartitionTask.FlushSlot());
    }

    /// Uses the slot, or gives it back.
    ///
    /// @param begin the log's
    void begin(Supplier<Optional<FlushTicket>> begin) {
        var began = false;
        wanted = false;
        try {
            var ticket = begin.get();
            if (ticket.isPresent()) {
                began = true;
                state = State.RUNNING;
                scheduler.run(() -> run(ticket.get()));
            }
        } finally {
            if (!began) {
                state = State.NONE;
                scheduler.release();
            }
        }
    }

    private void run(FlushTicket ticket) {
        try {
            ticket.run();
        } finally {
            self.accept(new PartitionTask.FlushRan(ticket));
        }
    }

    /// It has run. What was asked for meanwhile it did not cover.
    void ended() {
        state = State.NONE;
    }
}
