// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.PartitionStatus;
import dev.weir.metadata.record.PartitionState;
import dev.weir.record.RecordBatch;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One partition over all its replicas: what was committed, acknowledged and read, and whether
/// every log, every in-sync set and every answer agrees with it.
final class PartitionChecker {

    private static final int IDLE_CHANGES_MAX = 3;

    /// What recovery calls a log that ends in something that is no whole batch.
    private static final Set<String> TORN_TAILS =
            Set.of("CUT_TORN_TAIL", "CUT_BAD_CRC", "NOTHING_VALID");

    private final Checker checker;
    private final Counters counters;
    private final int partition;
    private final ReplicaShadow[] replicas;

    /// By (offset, epoch): what any replica had there.
    private final Map<Long, Long> written = new HashMap<>();

    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Map<Integer, Long> epochStarts = new HashMap<>();
    private final Map<Integer, List<Integer>> isrByPartitionEpoch = new HashMap<>();
    private final Map<Integer, Integer> offsetOfRecord = new HashMap<>();
    private final Map<Long, Integer> lastSequences = new HashMap<>();
    private final Map<Integer, Integer> acknowledged = new HashMap<>();

    /// As committed, by offset.
    private int[] epochs = new int[256];

    private int[] crcs = new int[256];
    private int[] records = new int[256];
    private int committedEnd;

    private @Nullable PartitionState state;

    /// Changes of the metadata in a row that changed nothing.
    private int idleChanges;

    PartitionChecker(Checker checker, Counters counters, int partition, int nodes) {
        this.checker = checker;
        this.counters = counters;
        this.partition = partition;
        this.replicas = new ReplicaShadow[nodes + 1];
        for (int node = 1; node <= nodes; node++) {
            replicas[node] = new ReplicaShadow(node, partition);
        }
    }

    ReplicaShadow replica(int node) {
        return replicas[node];
    }

    @Nullable PartitionState state() {
        return state;
    }

    int committedEnd() {
        return committedEnd;
    }

    private void fail(String invariant, String what) {
        checker.fail(invariant, "partition " + partition + ": " + what);
    }

    // ------------------------------------------------------------------ a node's event is over

    /// Holds a replica against what is known, after each event of its node.
    void after(ReplicaShadow replica, LocalPartition local, boolean isBroken) {
        var status = local.status();
        var isFailing = checker.simulation().node(replica.nodeId).isDiskFailing();
        if (status.offlineReason().isPresent() && !isBroken && !isFailing) {
            fail("BROKEN", "node " + replica.nodeId + " is offline: " + status.offlineReason());
            return;
        }
        follow(replica, local);
        // A turn may commit and then hear of the end of its leadership.
        var led = replica.isLeading;
        roles(replica, status);
        highWatermark(replica, status, led || replica.isLeading);
    }

    private void follow(ReplicaShadow replica, LocalPartition local) {
        var log = local.log();
        long end = log.logEndOffset();
        var durable = log.durableEndOffset();
        if (end < replica.length) {
            truncated(replica, Math.toIntExact(end));
        } else if (end == replica.length && log.latestEpoch() != replica.lastEpoch() && end > 0) {
            // Cut and filled again within one event.
            truncated(replica, 0);
        }
        if (end > replica.length) {
            int from = replica.length;
            replica.readOn(log);
            match(replica, from);
        }
        replica.durableEnd = durable;
    }

    private void truncated(ReplicaShadow replica, int end) {
        for (int offset = end; offset < Math.min(replica.length, committedEnd); offset++) {
            if (isCommitted(replica, offset) && end > 0) {
                fail("B1", "node " + replica.nodeId + " cut the committed offset " + offset);
                return;
            }
        }
        checker.simulation()
                .engine()
                .trace("node " + replica.nodeId + " cut p" + partition + " to " + end);
        counters.truncations++;
        replica.length = end;
        replica.durableEnd = Math.min(replica.durableEnd, end);
        members("a truncation");
    }

    private void match(ReplicaShadow replica, int from) {
        for (int offset = from; offset < replica.length; offset++) {
            var key = (long) offset << 24 | replica.epochs[offset];
            long before = offset == 0 ? 0 : replica.epochs[offset - 1] + 1;
            var value =
                    ((long) replica.crcs[offset] << 32 | (replica.records[offset] & 0xffffffffL))
                            ^ before << 50;
            var other = written.putIfAbsent(key, value);
            if (other != null && other != value) {
                fail(
                        "B2",
                        "node "
                                + replica.nodeId
                                + " has something else at offset "
                                + offset
                                + " of epoch "
                                + replica.epochs[offset]);
                return;
            }
        }
    }

    private boolean isCommitted(ReplicaShadow replica, int offset) {
        return replica.epochs[offset] == epochs[offset]
                && replica.crcs[offset] == crcs[offset]
                && replica.records[offset] == records[offset];
    }

    private void roles(ReplicaShadow replica, PartitionStatus status) {
        var current = state;
        if (current == null) {
            return;
        }
        if (status.leaderEpoch() < replica.leaderEpoch
                || status.partitionEpoch() < replica.partitionEpoch) {
            fail("R", "node " + replica.nodeId + " went back to an older state");
        }
        if (status.partitionEpoch() != replica.partitionEpoch && status.partitionEpoch() >= 0) {
            var isr = isrByPartitionEpoch.get(status.partitionEpoch());
            if (isr == null || !isr.equals(status.isr())) {
                fail(
                        "S",
                        "node "
                                + replica.nodeId
                                + " takes "
                                + status.isr()
                                + " for the ISR of partition epoch "
                                + status.partitionEpoch()
                                + ", which is "
                                + isr);
            }
        }
        replica.leaderEpoch = status.leaderEpoch();
        replica.partitionEpoch = status.partitionEpoch();
        var leads = status.leading() && status.leaderId() == replica.nodeId;
        if (leads && replica.ledEpoch != status.leaderEpoch()) {
            elected(replica, status.leaderEpoch(), current);
        }
        replica.isLeading = leads;
    }

    private void elected(ReplicaShadow replica, int epoch, PartitionState current) {
        replica.ledEpoch = epoch;
        var other = leaders.putIfAbsent(epoch, replica.nodeId);
        if (other != null) {
            fail("E", "nodes " + other + " and " + replica.nodeId + " lead epoch " + epoch);
        }
        if (epoch > current.leaderEpoch()) {
            fail("E", "node " + replica.nodeId + " leads epoch " + epoch + " of the future");
        }
        epochStarts.put(epoch, startOf(epoch, replica));
        if (epoch < current.leaderEpoch()) {
            return;
        }
        for (int offset = 0; offset < committedEnd; offset++) {
            if (offset >= replica.length || !isCommitted(replica, offset)) {
                fail(
                        "A1",
                        "the committed offset "
                                + offset
                                + " is not on the new leader, node "
                                + replica.nodeId
                                + " in epoch "
                                + epoch
                                + " with end "
                                + replica.length);
                return;
            }
        }
    }

    private void highWatermark(ReplicaShadow replica, PartitionStatus status, boolean led) {
        long now = status.highWatermark();
        if (now > replica.length) {
            fail("C", "node " + replica.nodeId + ": high watermark " + now + " beyond its log end");
            return;
        }
        if (now < replica.highWatermark) {
            fail(
                    "C",
                    "node "
                            + replica.nodeId
                            + ": high watermark fell from "
                            + replica.highWatermark
                            + " to "
                            + now);
        }
        if (now == replica.highWatermark) {
            return;
        }
        for (int offset = Math.toIntExact(replica.highWatermark); offset < now; offset++) {
            if (offset < committedEnd) {
                if (!isCommitted(replica, offset)) {
                    fail(
                            replica.isLeading ? "A2" : "B1",
                            "node "
                                    + replica.nodeId
                                    + " has something else below its high watermark at offset "
                                    + offset);
                    return;
                }
            } else if (!led) {
                fail(
                        "D",
                        "node " + replica.nodeId + ": high watermark above all that is committed");
                return;
            } else {
                commit(replica, offset);
            }
        }
        replica.highWatermark = now;
        members("a commit by node " + replica.nodeId);
    }

    private void commit(ReplicaShadow leader, int offset) {
        if (offset == epochs.length) {
            epochs = Arrays.copyOf(epochs, 2 * offset);
            crcs = Arrays.copyOf(crcs, 2 * offset);
            records = Arrays.copyOf(records, 2 * offset);
        }
        counters.committed++;
        epochs[offset] = leader.epochs[offset];
        crcs[offset] = leader.crcs[offset];
        records[offset] = leader.records[offset];
        committedEnd = offset + 1;
        var other = offsetOfRecord.putIfAbsent(records[offset], offset);
        if (other != null) {
            fail("F1", "record " + records[offset] + " is at " + other + " and at " + offset);
        }
        int sequence = leader.sequences[offset];
        var last = lastSequences.put(leader.producers[offset], sequence);
        if (sequence != (last == null ? 0 : last + 1)) {
            fail(
                    "F2",
                    "sequence "
                            + sequence
                            + " after "
                            + last
                            + " of one producer at offset "
                            + offset);
        }
    }

    // ------------------------------------------------------------------ clients

    void acknowledged(long baseOffset, int[] acked) {
        for (int i = 0; i < acked.length; i++) {
            int offset = Math.toIntExact(baseOffset) + i;
            if (offset < 0 || offset >= committedEnd) {
                fail("A1", "offset " + offset + " was acknowledged and is not committed");
                return;
            }
            if (records[offset] != acked[i]) {
                fail("A2", "offset " + offset + " was acknowledged for another record");
            }
            var other = acknowledged.putIfAbsent(acked[i], offset);
            if (other != null && other != offset) {
                fail(
                        "F1",
                        "record " + acked[i] + " was acknowledged at " + other + " and " + offset);
            }
        }
    }

    void read(int node, RecordBatch batch) {
        for (int i = 0; i < batch.recordCount(); i++) {
            int offset = Math.toIntExact(batch.baseOffset()) + i;
            if (offset >= committedEnd
                    || epochs[offset] != batch.leaderEpoch()
                    || crcs[offset] != batch.crc() + i) {
                fail("D", "offset " + offset + " read from node " + node + " is not committed");
                return;
            }
        }
    }

    // ------------------------------------------------------------------ metadata

    void committed(PartitionState next) {
        var last = state;
        state = next;
        isrByPartitionEpoch.put(next.partitionEpoch(), next.isr());
        if (last != null) {
            if (next.leader().isPresent() && next.leaderEpoch() > last.leaderEpoch()) {
                counters.elections++;
                for (var replica : replicas) {
                    counters.zombies += replica != null && replica.isLeading ? 1 : 0;
                }
                var leader = next.leader().getAsInt();
                counters.eligibleElections += last.elr().contains(leader) ? 1 : 0;
                counters.recoveryElections += last.recovering().contains(leader) ? 1 : 0;
            }
            counters.isrShrinks += next.isr().size() < last.isr().size() ? 1 : 0;
            counters.fsyncConfirmed += last.fsyncUnproven() && !next.fsyncUnproven() ? 1 : 0;
            joined(last, next);
            idle(last, next);
        }
        for (var members : List.of(next.isr(), next.elr())) {
            for (int node : members) {
                checker.isRegisteredDirectory(node, next.directoryOf(node));
            }
        }
        if (checker.simulation().engine().isTracing()) {
            checker.simulation().engine().trace("metadata: p" + partition + " " + next);
        }
        members("a change of the metadata");
    }

    /// A leader that is refused a member ends what is pending by a change that changes nothing; it
    /// must not go on for ever.
    private void idle(PartitionState last, PartitionState next) {
        var isIdle =
                next.leaderEpoch() == last.leaderEpoch()
                        && next.isr().equals(last.isr())
                        && next.elr().equals(last.elr())
                        && next.recovering().equals(last.recovering())
                        && next.directories().equals(last.directories())
                        && next.fsyncUnproven() == last.fsyncUnproven();
        idleChanges = isIdle ? idleChanges + 1 : 0;
        if (idleChanges > IDLE_CHANGES_MAX) {
            fail("H", idleChanges + " changes in a row changed nothing; " + next);
        }
    }

    /// The log end at the election: before what was appended in the same turn.
    private static long startOf(int epoch, ReplicaShadow replica) {
        int start = replica.length;
        while (start > 0 && replica.epochs[start - 1] >= epoch) {
            start--;
        }
        return start;
    }

    private void joined(PartitionState last, PartitionState next) {
        for (int node : next.isr()) {
            if (last.isr().contains(node) || next.leaderEpoch() != last.leaderEpoch()) {
                continue;
            }
            counters.isrJoins++;
            var start = epochStarts.get(next.leaderEpoch());
            if (start != null
                    && !checker.isUnreported(node)
                    && endOf(replicas[node], next) < start) {
                fail(
                        "T",
                        "node "
                                + node
                                + " joined at "
                                + endOf(replicas[node], next)
                                + ", before the start of epoch "
                                + next.leaderEpoch()
                                + " at "
                                + start);
            }
        }
    }

    /// How far a member counts for membership.
    long endOf(ReplicaShadow replica, PartitionState current) {
        return checker.countsAsFsync(current) ? replica.durableEnd : replica.length;
    }

    /// Every member of ISR and ELR holds everything committed, at the level that counts.
    void members(String when) {
        var current = state;
        if (current == null || committedEnd == 0) {
            return;
        }
        for (var members : List.of(current.isr(), current.elr())) {
            for (int node : members) {
                var replica = replicas[node];
                // Whoever is the last hope keeps its seat, and what its disk still has.
                var isLastHope = current.isr().size() + current.elr().size() == 1;
                if (checker.isUnreported(node) || (isLastHope && replica.isRepaired)) {
                    continue;
                }
                var end = endOf(replica, current);
                if (end < committedEnd || !isCommitted(replica, committedEnd - 1)) {
                    fail(
                            "Q",
                            "node "
                                    + node
                                    + " with end "
                                    + end
                                    + " lacks what is committed below "
                                    + committedEnd
                                    + " after "
                                    + when
                                    + "; "
                                    + current);
                    return;
                }
            }
        }
    }

    // ------------------------------------------------------------------ restarts

    /// A log was opened: nothing that was on stable storage may be missing or changed.
    void opened(ReplicaShadow replica, LocalPartition local) {
        var before = replica.copy();
        var isPowerLost = replica.hasLostPower;
        replica.hasLostPower = false;
        replica.isRepaired = false;
        replica.local = local;
        replica.length = 0;
        replica.readOn(local.log());
        replica.durableEnd = local.log().durableEndOffset();
        for (var finding : local.log().recovery().findings()) {
            checker.simulation()
                    .engine()
                    .trace("node " + replica.nodeId + " p" + partition + " " + finding);
            counters.tornTails += TORN_TAILS.contains(finding.rule()) ? 1 : 0;
        }
        for (int offset = 0; offset < before.length; offset++) {
            var isThere = offset < replica.length && replica.hasSame(before, offset);
            var mustBe = !isPowerLost || offset < before.durableEnd;
            var matters = offset < committedEnd && isCommitted(before, offset);
            if (!isThere && mustBe && matters) {
                fail(
                        "I",
                        "node "
                                + replica.nodeId
                                + " lost offset "
                                + offset
                                + " in a restart; end "
                                + before.length
                                + " -> "
                                + replica.length
                                + ", durable "
                                + before.durableEnd);
                return;
            }
        }
        match(replica, 0);
        members("a restart");
    }

    // ------------------------------------------------------------------ end

    /// Faults stopped a while ago: everything is as it should be.
    void atEnd() {
        var current = state;
        if (current == null || current.leader().isEmpty()) {
            fail("H", "no leader; " + current);
            return;
        }
        var leader = replicas[current.leader().getAsInt()];
        if (!leader.isLeading || leader.leaderEpoch != current.leaderEpoch()) {
            fail("H", "node " + leader.nodeId + " does not know that it leads; " + current);
        } else if (current.isr().size() != current.replicas().size()) {
            fail("H", "the ISR is not full; " + current);
        } else if (current.fsyncUnproven() && checker.isFsyncConfigured()) {
            fail("H", "fsync is not proven; " + current);
        }
        for (int node : current.replicas()) {
            var replica = replicas[node];
            if (replica.length != leader.length
                    || replica.highWatermark != leader.length
                    || committedEnd != leader.length) {
                fail(
                        "H",
                        "node "
                                + node
                                + " ends at "
                                + replica.length
                                + ", high watermark "
                                + replica.highWatermark
                                + ", leader "
                                + leader.nodeId
                                + " ends at "
                                + leader.length);
            }
            for (int offset = 0; offset < Math.min(committedEnd, replica.length); offset++) {
                if (!isCommitted(replica, offset)) {
                    fail("A1", "node " + node + " has something else at offset " + offset);
                    return;
                }
            }
        }
    }
}
