// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ProduceTicket;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;

/// One produce on its way: the bytes until they are appended, the listener until it is answered.
///
/// **Threading:** the partition's turn.
final class QueuedProduce implements ProduceTicket {

    private static final Logger LOG = LoggerFactory.getLogger(QueuedProduce.class);

    // Left once the bytes are given back: a produce may wait long for its answer, and its bytes are
    // no longer counted then.
    private @Nullable ByteBuffer batch;
    private final ProduceListener listener;
    private boolean released;
    private boolean answered;

    QueuedProduce(ProduceCommand command, ProduceListener listener) {
        this.batch = command.batch();
        this.listener = listener;
    }

    ByteBuffer batch() {
        var bytes = batch;
        if (bytes == null) {
            throw new IllegalStateException("the bytes of this produce were given back");
        }
        return bytes;
    }

    boolean isAnswered() {
        return answered;
    }

    /// Gives the bytes back, once.
    void release() {
        if (released) {
            return;
        }
        released = true;
        batch = null;
        try {
            listener.onBatchReleased();
        } catch (RuntimeException e) {
            LOG.error("A produce listener failed", e);
        }
    }

    /// Answers, once, and gives the bytes back if nobody needed them.
    void answer(ProduceOutcome outcome) {
        if (answered) {
            throw new IllegalStateException("a produce was answered twice");
        }
        answered = true;
        try {
            listener.onOutcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("A produce listener failed", e);
        }
        release();
    }
}
