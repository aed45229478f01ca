// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// The controller of a [ReplicaGroup]: one partition's state, changed by compare-and-set.
final class GroupController {

    private final List<Integer> nodes;
    private final int isrMin;
    final TreeMap<Integer, UUID> registered = new TreeMap<>();
    final Set<Integer> live = new TreeSet<>();
    int leader = Assignment.NO_LEADER;
    int leaderEpoch;
    int partitionEpoch = 1;
    int version = 1;
    Set<Integer> isr;
    Set<Integer> elr = new TreeSet<>();
    Durability durability;
    boolean unproven;

    int elections;
    int shrinks;
    int joins;
    int refusals;

    GroupController(List<Integer> nodes, int isrMin, Durability durability) {
        this.nodes = nodes;
        this.isrMin = isrMin;
        this.durability = durability;
        this.isr = new TreeSet<>(nodes);
    }

    /// What members hold at least of what is committed.
    Durability memberDurability() {
        return unproven ? Durability.REPLICATED : durability;
    }

    static UUID directory(int node) {
        return new UUID(200, node);
    }

    Assignment assignment() {
        return new Assignment(
                leader,
                leaderEpoch,
                partitionEpoch,
                nodes.stream()
                        .map(
                                node ->
                                        new AssignedReplica(
                                                node,
                                                registered.getOrDefault(
                                                        node, AssignedReplica.UNREGISTERED),
                                                directory(node),
                                                live.contains(node)))
                        .toList(),
                List.copyOf(isr),
                List.copyOf(elr),
                unproven);
    }

    PartitionConfig config() {
        return new PartitionConfig(durability, isrMin, PartitionConfig.TIMESTAMP_AHEAD_MAX_MS);
    }

    private void changed() {
        partitionEpoch++;
        version++;
    }

    void register(int node, UUID incarnation) {
        registered.put(node, incarnation);
        live.remove(node);
        version++;
        if (leader == node) {
            leader = Assignment.NO_LEADER;
            leaderEpoch++;
            changed();
        }
    }

    void unfence(int node) {
        live.add(node);
        version++;
        sweep();
        elect();
    }

    void fence(int node) {
        live.remove(node);
        version++;
        if (leader == node) {
            leader = Assignment.NO_LEADER;
            leaderEpoch++;
            changed();
        }
        sweep();
        elect();
    }

    void move(int node) {
        if (leader != node && isr.contains(node) && live.contains(node)) {
            leader = node;
            leaderEpoch++;
            changed();
        }
    }

    void setDurability(Durability next) {
        durability = next;
        unproven = next == Durability.FSYNC;
        changed();
    }

    private void sweep() {
        for (var node : List.copyOf(isr)) {
            var othersLive = isr.stream().anyMatch(n -> !n.equals(node) && live.contains(n));
            if (!live.contains(node) && othersLive) {
                var next = new TreeSet<>(isr);
                next.remove(node);
                setIsr(next);
            }
        }
    }

    private void setIsr(Set<Integer> next) {
        if (!next.containsAll(isr)) {
            shrinks++;
        }
        var left = new ArrayList<>(elr);
        left.addAll(isr);
        left.removeAll(next);
        isr = next;
        elr = isr.size() >= Math.min(isrMin, nodes.size()) ? new TreeSet<>() : new TreeSet<>(left);
        changed();
    }

    private void elect() {
        if (leader != Assignment.NO_LEADER) {
            return;
        }
        for (var node : isr) {
            if (live.contains(node)) {
                lead(node);
                return;
            }
        }
        for (var node : List.copyOf(elr)) {
            if (live.contains(node)) {
                elr.addAll(isr);
                elr.remove(node);
                isr = new TreeSet<>(Set.of(node));
                lead(node);
                return;
            }
        }
    }

    private void lead(int node) {
        leader = node;
        leaderEpoch++;
        elections++;
        changed();
    }

    IsrOutcome alter(int from, UUID incarnation, ReplicaEffect.ProposeIsr proposal) {
        var stale =
                leader != from
                        || !incarnation.equals(registered.get(from))
                        || proposal.leaderEpoch() != leaderEpoch
                        || proposal.partitionEpoch() != partitionEpoch;
        if (stale) {
            refusals++;
            return new IsrOutcome.Refused(false, proposal.partitionEpoch());
        }
        var next = new TreeSet<Integer>();
        for (var member : proposal.isr()) {
            var joins = !isr.contains(member.nodeId());
            if (!member.incarnation().equals(registered.get(member.nodeId()))
                    || (joins && !live.contains(member.nodeId()))) {
                refusals++;
                return new IsrOutcome.Refused(true, proposal.partitionEpoch());
            }
            next.add(member.nodeId());
        }
        if (!isr.containsAll(next)) {
            joins++;
        }
        setIsr(next);
        return new IsrOutcome.Accepted(
                leaderEpoch, partitionEpoch, List.copyOf(isr), List.copyOf(elr));
    }

    void confirm(int from, UUID incarnation, ReplicaEffect.ConfirmFsync report) {
        if (leader == from
                && incarnation.equals(registered.get(from))
                && report.leaderEpoch() == leaderEpoch
                && report.partitionEpoch() == partitionEpoch
                && report.covered().containsAll(isr)
                && report.covered().containsAll(elr)
                && unproven) {
            unproven = false;
            changed();
        }
    }
}
