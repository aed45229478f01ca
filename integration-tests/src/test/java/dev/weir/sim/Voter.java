// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.MetadataLog;
import dev.weir.metadata.log.ProposalOutcome;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// One node's place in the quorum: what its disk keeps of the log, and in each life its image and
/// its controller.
final class Voter implements MetadataLog {

    private final Engine engine;
    private final Plan plan;
    private final Quorum quorum;
    private final Counters counters;
    private final Checker checker;
    private final SimNode node;
    private final List<Quorum.Entry> tail = new ArrayList<>();
    private final Map<Quorum.Proposal, CompletableFuture<ProposalOutcome>> waiting =
            new LinkedHashMap<>();
    private Consumer<ClusterImage> onImage = _ -> {};
    private @Nullable ControllerDriver controller;
    private Quorum.@Nullable Proposal lastProposal;
    private ClusterImage image = ClusterImage.EMPTY;
    private long applied;
    private long leadTerm;
    private boolean isReady;
    private long submittedAtMs;

    Voter(SimNode node, Simulation simulation) {
        this.node = node;
        this.engine = simulation.engine();
        this.plan = simulation.plan();
        this.quorum = simulation.quorum();
        this.counters = simulation.counters();
        this.checker = simulation.checker();
    }

    int nodeId() {
        return node.id();
    }

    Engine.Process process() {
        return node;
    }

    boolean isUp() {
        return node.life() > 0;
    }

    boolean isRunning() {
        return isUp() && node.stoppedUntilMs() <= engine.nowMs();
    }

    long leadTerm() {
        return leadTerm;
    }

    List<Quorum.Entry> tail() {
        return tail;
    }

    long applied() {
        return applied;
    }

    ClusterImage image() {
        return image;
    }

    @Nullable ControllerDriver controller() {
        return controller;
    }

    /// A new life: the image is that of some snapshot, the rest of the log is applied again.
    ///
    /// @param onImageOfLife told each image of this life
    void start(ControllerDriver newController, Consumer<ClusterImage> onImageOfLife) {
        controller = newController;
        onImage = onImageOfLife;
        applied = applied - engine.below(Math.toIntExact(Math.min(applied, 40)) + 1);
        image = quorum.imageAfter(applied);
        submittedAtMs = 0;
        lastProposal = null;
        onImage.accept(image);
        quorum.catchUp(this);
    }

    /// The process died: its log stays.
    void stop() {
        leadTerm = 0;
        isReady = false;
        waiting.clear();
        controller = null;
        onImage = _ -> {};
    }

    void lead(long term) {
        if (leadTerm > 0) {
            depose();
        }
        leadTerm = term;
        isReady = false;
    }

    void depose() {
        leadTerm = 0;
        isReady = false;
        for (var proposal : List.copyOf(waiting.keySet())) {
            if (proposal.isSubmitted) {
                unknown(proposal, "not the leader");
            }
        }
        if (controller != null) {
            controller.leadershipLost();
        }
    }

    /// Applies the committed entries up to one, each once in a life.
    void apply(long upTo) {
        while (applied < upTo) {
            apply(quorum.entry(applied + 1));
        }
    }

    private void apply(Quorum.Entry entry) {
        applied = entry.index();
        var proposal = entry.proposal();
        if (proposal == null) {
            if (entry.term() == leadTerm && !isReady && controller != null) {
                isReady = true;
                controller.leaderReady(leadTerm, image);
            }
            return;
        }
        var result = image.apply(proposal.batch, entry.term(), entry.index());
        if (result instanceof ApplyResult.Applied(var next, _)) {
            image = next;
            onImage.accept(next);
        }
        if (!image.equals(quorum.imageAfter(entry.index()))) {
            checker.fail("R", "node " + nodeId() + " has another image after " + entry.index());
        }
        if (controller != null) {
            controller.applied(entry.term(), entry.index(), proposal.batch, result);
        }
        var outcome = waiting.remove(proposal);
        if (outcome != null) {
            outcome.complete(
                    result instanceof ApplyResult.Applied
                            ? new ProposalOutcome.Applied(entry.index())
                            : new ProposalOutcome.Skipped(entry.index()));
        }
    }

    @Override
    public CompletionStage<ProposalOutcome> propose(byte[] bytes) {
        var batch = MetadataBatchCodec.decode(bytes);
        var proposal = new Quorum.Proposal(this, node.life(), bytes, batch, previousOf(batch));
        lastProposal = proposal;
        var outcome = new CompletableFuture<ProposalOutcome>();
        waiting.put(proposal, outcome);
        var isOdd = node.simulation().net().isFaulty() && engine.chance(plan.lostProposal());
        long delayMs = isOdd ? engine.below(150) : 0;
        submittedAtMs = Math.max(submittedAtMs, engine.nowMs() + delayMs);
        var isRefused = isOdd && engine.below(3) == 0;
        engine.on(
                node,
                submittedAtMs - engine.nowMs(),
                "submit",
                () -> submit(proposal, isRefused, isOdd));
        return outcome;
    }

    private Quorum.@Nullable Proposal previousOf(MetadataBatch batch) {
        var last = lastProposal;
        return last != null && last.batch.activationId() == batch.activationId() ? last : null;
    }

    private void submit(Quorum.Proposal proposal, boolean isRefused, boolean isOdd) {
        proposal.isSubmitted = true;
        if (isRefused || !quorum.append(proposal)) {
            unknown(proposal, "refused");
        } else if (isOdd && engine.below(2) == 0) {
            engine.on(node, engine.below(60), "untold", () -> unknown(proposal, "timed out"));
        }
    }

    private void unknown(Quorum.Proposal proposal, String reason) {
        var outcome = waiting.remove(proposal);
        if (outcome != null) {
            counters.unknownProposals++;
            outcome.complete(new ProposalOutcome.Unknown(reason));
        }
    }

    @Override
    public OptionalInt leaderHint() {
        if (leadTerm > 0) {
            return OptionalInt.of(nodeId());
        }
        var leader = quorum.leader();
        var isHeard =
                leader != null
                        && node.simulation().net().isOpen(nodeId(), leader.nodeId())
                        && engine.below(4) > 0;
        return isHeard ? OptionalInt.of(leader.nodeId()) : OptionalInt.empty();
    }
}
