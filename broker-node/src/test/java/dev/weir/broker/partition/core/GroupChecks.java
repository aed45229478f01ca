// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// What must hold in a [ReplicaGroup]: the letters are those of the invariants that the cluster's
/// simulator prints.
final class GroupChecks {

    private final Map<Integer, GroupNode> nodes;
    private final GroupController controller;
    private final TreeMap<Long, Integer> committed = new TreeMap<>();
    private final TreeMap<Long, Integer> acked = new TreeMap<>();

    GroupChecks(Map<Integer, GroupNode> nodes, GroupController controller) {
        this.nodes = nodes;
        this.controller = controller;
    }

    static AssertionError broken(String what) {
        return new AssertionError(what);
    }

    void answered(int recordId, ProduceOutcome outcome) {
        if (outcome instanceof ProduceOutcome.Accepted(var receipt)) {
            var other = acked.putIfAbsent(receipt.baseOffset(), recordId);
            if (other != null) {
                throw broken("two records acknowledged at " + receipt.baseOffset());
            }
        }
    }

    void onStep(GroupNode node) {
        var view = node.replica().view();
        var highWatermark = view.highWatermark();
        if (view.role() instanceof ReplicaRole.Leader && !node.cutting) {
            var known = committed.isEmpty() ? node.start : committed.lastKey() + 1;
            for (var offset = Math.max(node.start, known); offset < highWatermark; offset++) {
                committed.put(offset, node.at(offset).id());
            }
            for (var offset = Math.max(node.start, known - 20); offset < highWatermark; offset++) {
                if (committed.get(offset) != null
                        && committed.get(offset) != node.at(offset).id()) {
                    throw broken("A2 another record is committed at " + offset);
                }
            }
            if (known < highWatermark) {
                members("high watermark of " + node.id);
            }
            if (view.role().leaderEpoch() == controller.leaderEpoch) {
                for (var entry : committed.tailMap(node.start).entrySet()) {
                    if (!node.holds(entry.getKey(), entry.getValue())) {
                        throw broken("A1 leader " + node.id + " lacks " + entry.getKey());
                    }
                }
            }
        }
    }

    /// Every member of ISR and ELR holds everything committed.
    void members(String when) {
        if (committed.isEmpty()) {
            return;
        }
        var all = new ArrayList<>(controller.isr);
        all.addAll(controller.elr);
        var last = committed.lastEntry();
        for (var member : all) {
            var node = Objects.requireNonNull(nodes.get(member));
            var end = controller.memberDurability() == Durability.FSYNC ? node.durable : node.end();
            if (end <= last.getKey() || !node.holds(last.getKey(), last.getValue())) {
                throw broken(
                        "member "
                                + member
                                + " lacks "
                                + last.getKey()
                                + " after "
                                + when
                                + ", isr "
                                + controller.isr
                                + ", elr "
                                + controller.elr);
            }
        }
    }

    void healed() {
        if (controller.leader == Assignment.NO_LEADER || controller.isr.size() < nodes.size()) {
            throw broken(
                    "H leader "
                            + controller.leader
                            + ", isr "
                            + controller.isr
                            + ", elr "
                            + controller.elr);
        }
        var leader = Objects.requireNonNull(nodes.get(controller.leader));
        var view = leader.replica().view();
        if (view.highWatermark() != leader.end()) {
            throw broken("H high watermark " + view.highWatermark() + " of " + leader.end());
        }
        for (var node : nodes.values()) {
            if (node.replica().view().highWatermark() != view.highWatermark()) {
                throw broken("H node " + node.id + " has not heard the high watermark");
            }
        }
        for (var entry : acked.entrySet()) {
            var other = committed.get(entry.getKey());
            if (other != null && !other.equals(entry.getValue())) {
                throw broken("A1 acknowledged record changed at " + entry.getKey());
            }
            for (var node : nodes.values()) {
                if (!node.holds(entry.getKey(), entry.getValue())) {
                    throw broken("A1 node " + node.id + " lacks " + entry.getKey());
                }
            }
        }
        if (controller.unproven) {
            throw broken("H durability is not proved");
        }
    }
}
