// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// The metadata log as its port promises it, and no better: one committed order; leaders that do
/// not know that they lead no longer; tails that a later leader takes over, commits or forgets;
/// proposals that are refused, late, or whose outcome nobody tells; voters that apply late.
///
/// The reference image is what the committed order makes; every voter must come to the same.
final class Quorum {

    private static final long TICK_MS = 40;

    /// One place in the log.
    ///
    /// @param index from 1
    /// @param proposal `null` for the entry by which a leader begins
    record Entry(long index, long term, @Nullable Proposal proposal) {}

    /// What a controller handed in.
    ///
    /// @param previous the one proposed before it in the same activation
    static final class Proposal {
        final Voter author;
        final long authorLife;
        final byte[] bytes;
        final MetadataBatch batch;
        final @Nullable Proposal previous;
        boolean isSubmitted;

        Proposal(
                Voter author,
                long authorLife,
                byte[] bytes,
                MetadataBatch batch,
                @Nullable Proposal previous) {
            this.author = author;
            this.authorLife = authorLife;
            this.bytes = bytes;
            this.batch = batch;
            this.previous = previous;
        }
    }

    private final Engine engine;
    private final Net net;
    private final Plan plan;
    private final Counters counters;
    private final Checker checker;
    private final List<Voter> voters = new ArrayList<>();
    private final List<Entry> committed = new ArrayList<>();
    private final List<ClusterImage> images = new ArrayList<>();
    private BiConsumer<ClusterImage, ApplyResult.Applied> onCommitted = (_, _) -> {};
    private @Nullable Proposal lastApplied;
    private long lastTerm;
    private long maxTerm;
    private long workedAtMs;

    Quorum(Engine engine, Net net, Plan plan, Counters counters, Checker checker) {
        this.engine = engine;
        this.net = net;
        this.plan = plan;
        this.counters = counters;
        this.checker = checker;
        images.add(ClusterImage.EMPTY);
    }

    void add(Voter voter) {
        voters.add(voter);
    }

    /// Who is told what the committed log says, the moment it is committed.
    void onCommitted(BiConsumer<ClusterImage, ApplyResult.Applied> listener) {
        onCommitted = listener;
    }

    void start() {
        engine.at(0, "quorum", this::tick);
    }

    /// The image that everything committed makes.
    ClusterImage reference() {
        return images.getLast();
    }

    /// The image after one entry.
    ClusterImage imageAfter(long index) {
        return images.get(Math.toIntExact(index));
    }

    long committedIndex() {
        return committed.size();
    }

    Entry entry(long index) {
        return committed.get(Math.toIntExact(index - 1));
    }

    /// The voter that leads the highest term; `null` if it does not know, or is down.
    @Nullable Voter leader() {
        for (var voter : voters) {
            if (voter.leadTerm() == maxTerm && maxTerm > 0 && voter.isRunning()) {
                return voter;
            }
        }
        return null;
    }

    private void tick() {
        engine.at(TICK_MS, "quorum", this::tick);
        var leader = leader();
        if (leader != null && hasMajority(leader)) {
            workedAtMs = engine.nowMs();
            return;
        }
        for (var voter : voters) {
            if (voter.leadTerm() > 0 && voter.isRunning() && !hasMajority(voter)) {
                deposeSoon(voter, 300 + engine.below(900));
            }
        }
        if (engine.nowMs() - workedAtMs > 200 + engine.below(400)) {
            elect();
        }
    }

    /// Another voter leads, whatever the present leader thinks.
    void elect() {
        var able = new ArrayList<Voter>();
        for (var voter : voters) {
            var leadsAlready = maxTerm > 0 && voter.leadTerm() == maxTerm;
            if (voter.isRunning() && !leadsAlready && hasMajority(voter)) {
                able.add(voter);
            }
        }
        if (able.isEmpty()) {
            return;
        }
        var next = able.get(engine.below(able.size()));
        inherit(next);
        maxTerm++;
        counters.quorumLeaders++;
        engine.trace("quorum: node " + next.nodeId() + " leads term " + maxTerm);
        for (var voter : voters) {
            if (voter != next && voter.leadTerm() > 0) {
                deposeSoon(
                        voter,
                        engine.below(net.isOpen(next.nodeId(), voter.nodeId()) ? 200 : 1_200));
            }
        }
        workedAtMs = engine.nowMs();
        next.lead(maxTerm);
        var begin = new Entry(0, maxTerm, null);
        next.tail().add(begin);
        commitSoon(next, begin);
    }

    /// What of the uncommitted entries the new leader has: its own, or some of another's.
    private void inherit(Voter next) {
        var others = new ArrayList<Voter>();
        for (var voter : voters) {
            if (voter != next && !voter.tail().isEmpty()) {
                others.add(voter);
            }
        }
        if (others.isEmpty() || (!next.tail().isEmpty() && engine.below(2) == 0)) {
            return;
        }
        var from = others.get(engine.below(others.size())).tail();
        var count = engine.below(from.size() + 1);
        var kept = new ArrayList<>(from.subList(0, count));
        next.tail().clear();
        next.tail().addAll(kept);
    }

    private void deposeSoon(Voter voter, long delayMs) {
        var term = voter.leadTerm();
        engine.on(
                voter.process(),
                delayMs,
                "depose",
                () -> {
                    if (voter.leadTerm() == term && (term < maxTerm || !hasMajority(voter))) {
                        voter.depose();
                    }
                });
    }

    boolean hasMajority(Voter voter) {
        int reached = 0;
        for (var other : voters) {
            if (other == voter
                    || (other.isRunning() && net.isOpen(voter.nodeId(), other.nodeId()))) {
                reached++;
            }
        }
        return reached * 2 > voters.size();
    }

    /// A proposal reaches the log of the one who made it.
    ///
    /// @return whether it was appended, which says nothing of its fate
    boolean append(Proposal proposal) {
        var author = proposal.author;
        if (author.leadTerm() == 0) {
            return false;
        }
        if (author.leadTerm() < lastTerm) {
            // On a branch that a later leader's commit has ended; the author does not know it.
            return true;
        }
        var entry = new Entry(0, author.leadTerm(), proposal);
        author.tail().add(entry);
        commitSoon(author, entry);
        return true;
    }

    private void commitSoon(Voter voter, Entry entry) {
        var delayMs = 1 + engine.below(plan.commitMs());
        engine.on(voter.process(), delayMs, "commit", () -> commit(voter, entry));
    }

    private void commit(Voter voter, Entry entry) {
        if (voter.leadTerm() != entry.term() || voter.leadTerm() != maxTerm) {
            return;
        }
        var count = voter.tail().indexOf(entry) + 1;
        if (count == 0) {
            return;
        }
        if (!hasMajority(voter)) {
            engine.on(voter.process(), 30, "commit", () -> commit(voter, entry));
            return;
        }
        for (int i = 0; i < count; i++) {
            var next = voter.tail().get(i);
            var placed = new Entry(committed.size() + 1, next.term(), next.proposal());
            committed.add(placed);
            judge(placed);
        }
        voter.tail().subList(0, count).clear();
        for (var other : voters) {
            if (other != voter) {
                other.tail().clear();
            }
            scheduleApply(other, voter);
        }
    }

    /// Makes the reference image, and holds the entry against what it was decided on.
    private void judge(Entry entry) {
        var proposal = entry.proposal();
        var image = images.getLast();
        if (entry.term() < lastTerm) {
            checker.fail("R", "term " + entry.term() + " committed after term " + lastTerm);
        }
        lastTerm = entry.term();
        if (proposal == null) {
            images.add(image);
            return;
        }
        switch (image.apply(proposal.batch, entry.term(), entry.index())) {
            case ApplyResult.Skipped _ -> {
                counters.skipped++;
                images.add(image);
            }
            case ApplyResult.Applied applied -> {
                if (!proposal.batch.isActivation() && !follows(proposal)) {
                    checker.fail(
                            "R",
                            "batch "
                                    + proposal.batch.activationId()
                                    + "/"
                                    + proposal.batch.seq()
                                    + " applied on an image that it was not decided on");
                }
                lastApplied = proposal;
                images.add(applied.image());
                onCommitted.accept(image, applied);
            }
        }
    }

    /// An activation that was given up and proposed again under the same id is the same one.
    private boolean follows(Proposal proposal) {
        var previous = proposal.previous;
        var last = lastApplied;
        var isSameActivation =
                previous != null
                        && last != null
                        && previous.batch.isActivation()
                        && last.batch.isActivation()
                        && previous.author == last.author
                        && previous.batch.activationId() == last.batch.activationId();
        return isSameActivation || previous == last;
    }

    /// The voter hears of all that is committed, sooner or later.
    void scheduleApply(Voter voter, Voter leader) {
        if (!voter.isUp()) {
            return;
        }
        var lag = voter == leader ? engine.below(3) : 1 + engine.below(plan.applyLagMs());
        applyLater(voter, leader, committed.size(), lag);
    }

    private void applyLater(Voter voter, Voter leader, long upTo, long delayMs) {
        engine.on(
                voter.process(),
                delayMs,
                "apply",
                () -> {
                    if (voter.applied() >= upTo) {
                        return;
                    }
                    if (voter == leader || net.isOpen(voter.nodeId(), leader.nodeId())) {
                        voter.apply(upTo);
                    } else {
                        var now = leader();
                        applyLater(voter, now == null ? leader : now, committed.size(), 60);
                    }
                });
    }

    /// A voter that comes back hears of everything from whoever leads.
    void catchUp(Voter voter) {
        var now = leader();
        applyLater(voter, now == null ? voters.getFirst() : now, committed.size(), 5);
    }
}
