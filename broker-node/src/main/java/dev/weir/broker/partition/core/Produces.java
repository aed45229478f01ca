// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.List;
import java.util.function.Function;

/// The produces of a leader: decides about each, and answers it when the log or the high watermark
/// has reached it.
///
/// Owned by the replica; not thread-safe.
final class Produces {

    private final ReplicaContext context;
    private final UnappendedSequences unappended;
    private final ProduceRules rules;

    /// Decided, and answered at the latest when the high watermark has passed them.
    private final PendingProduces awaitingCommit;

    /// Decided, and answered when the batch is in the leader's log.
    private final PendingProduces awaitingAppend;

    Produces(ReplicaContext context) {
        this.context = context;
        this.unappended = new UnappendedSequences(context.log());
        this.rules = new ProduceRules(unappended);
        var limits = context.limits();
        this.awaitingCommit =
                new PendingProduces(
                        limits.unansweredProducesMax(), limits.unansweredPerProducerMax());
        this.awaitingAppend =
                new PendingProduces(
                        limits.unansweredProducesMax(), limits.unansweredPerProducerMax());
    }

    boolean isEmpty() {
        return awaitingCommit.isEmpty() && awaitingAppend.isEmpty();
    }

    /// Whether a deadline may come.
    boolean wantsTicks() {
        return !awaitingCommit.isEmpty();
    }

    /// Decides about a batch that this leader may take.
    void onProduce(ReplicaEvent.Produce produce) {
        var waiting = produce.acks() == Acks.ALL ? awaitingCommit : awaitingAppend;
        if (waiting.isFull()) {
            answer(produce.ticket(), new ProduceOutcome.Overloaded("unanswered produces"));
            return;
        }
        var committed = context.committed();
        var isrMin = committed.isrMin(context.config());
        switch (rules.decide(produce, context.config(), committed.isr().size(), isrMin)) {
            case ProduceRules.Decision.Refuse(ProduceOutcome outcome) ->
                    answer(produce.ticket(), outcome);
            case ProduceRules.Decision.Duplicate(long baseOffset) ->
                    waiting.add(produce, baseOffset, true);
            case ProduceRules.Decision.Append _ -> append(produce, waiting);
        }
    }

    private void append(ReplicaEvent.Produce produce, PendingProduces waiting) {
        var batch = produce.batch();
        if (waiting.isFullFor(batch.producerId())) {
            answer(
                    produce.ticket(),
                    new ProduceOutcome.Overloaded("unanswered batches of one producer"));
            return;
        }
        var baseOffset = context.ends().assign(batch.recordCount());
        if (batch.isSequenced()) {
            unappended.decided(batch, baseOffset);
        }
        waiting.add(produce, baseOffset, false);
        context.emit(
                new ReplicaEffect.Append(
                        produce.ticket(), baseOffset, context.committed().leaderEpoch()));
    }

    /// What was decided is in the log.
    void onAppended() {
        unappended.clear();
    }

    /// What was decided is not in the log and never will be.
    void onAppendRefused() {
        unappended.clear();
        var full = new ProduceOutcome.LogDirFull();
        var logEnd = context.ends().appended();
        awaitingAppend.takeAbove(logEnd, pending -> answer(pending.ticket(), full));
        awaitingCommit.takeAbove(logEnd, pending -> answer(pending.ticket(), full));
    }

    /// Answers all whose end is reached.
    ///
    /// @param endsOf what replicas are known to hold
    void answerReached(Function<List<Integer>, List<ReplicaEnd>> endsOf) {
        awaitingAppend.takeReached(context.ends().appended(), pending -> accept(pending, endsOf));
        awaitingCommit.takeReached(
                context.highWatermark().offset(), pending -> accept(pending, endsOf));
    }

    private void accept(
            PendingProduces.Pending pending, Function<List<Integer>, List<ReplicaEnd>> endsOf) {
        var committed = context.committed();
        var receipt =
                Receipts.of(
                        pending,
                        committed.leaderEpoch(),
                        endsOf.apply(committed.replicaIdsAscending()),
                        committed.isr());
        answer(pending.ticket(), new ProduceOutcome.Accepted(receipt));
    }

    void onTick() {
        var timedOut = new ProduceOutcome.TimedOut();
        awaitingCommit.takeExpired(context.nowMs(), pending -> answer(pending.ticket(), timedOut));
    }

    /// Answers all.
    void answerAll(ProduceOutcome outcome) {
        awaitingAppend.takeAll(pending -> answer(pending.ticket(), outcome));
        awaitingCommit.takeAll(pending -> answer(pending.ticket(), outcome));
    }

    /// Forgets what was decided and is not in the log.
    void forgetUnappended() {
        unappended.clear();
    }

    void answer(ProduceTicket ticket, ProduceOutcome outcome) {
        context.emit(new ReplicaEffect.AnswerProduce(ticket, outcome));
    }
}
