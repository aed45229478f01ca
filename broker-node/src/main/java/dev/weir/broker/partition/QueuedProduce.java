// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ProduceTicket;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;

/// One produce on its way: the bytes until they are appended, the listener until it is answered.
///
/// **Threading:** the partition's turn.
final class QueuedProduce implements ProduceTicket {

    private static final Logger LOG = LoggerFactory.getLogger(QueuedProduce.class);

    private final ProduceCommand command;
    private final ProduceListener listener;
    private boolean released;
    private boolean answered;

    QueuedProduce(ProduceCommand command, ProduceListener listener) {
        this.command = command;
        this.listener = listener;
    }

    ByteBuffer batch() {
        return command.batch();
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
        try {
            listener.onBatchReleased();
        } catch (RuntimeException e) {
            LOG.error("A produce listener failed", e);
        }
    }

    /// Answers, once, after the bytes were given back.
    void answer(ProduceOutcome outcome) {
        if (answered) {
            throw new IllegalStateException("a produce was answered twice");
        }
        answered = true;
        release();
        try {
            listener.onOutcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("A produce listener failed", e);
        }
    }
}
