// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import static dev.weir.sim.Plant.inController;
import static dev.weir.sim.Plant.inReplica;

import java.util.List;

/// Rules of which the simulator must see that they are missing, at least one for each invariant.
final class PlantedBugs {

    /// Seen within a few seeds: part of every build.
    static final List<Plant> QUICK =
            List.of(
                    inReplica(
                            "commits what is only appended, at durability fsync",
                            "A1 Q I",
                            "ReplicaEnd",
                            "return durability == Durability.FSYNC ? durableOffset :"
                                    + " appendedOffset;",
                            "return appendedOffset;"),
                    inReplica(
                            "acknowledges what is only appended",
                            "A1",
                            "Produces",
                            "context.highWatermark().offset(), pending -> accept",
                            "context.ends().appended(), pending -> accept"),
                    inReplica(
                            "acknowledges a duplicate at another offset",
                            "A2",
                            "ProduceRules",
                            "-> new Decision.Duplicate(baseOffset);",
                            "-> new Decision.Duplicate(Math.max(0, baseOffset - 1));"),
                    inReplica(
                            "takes an answer's partition epoch without its ISR",
                            "S",
                            "CommittedState",
                            "isr = accepted.isr();",
                            "isr = isr.isEmpty() ? accepted.isr() : isr;"),
                    inController(
                            "elects any live replica",
                            "A1 Q",
                            "LeaderElector",
                            "live(id, partition, partition.elr(), context)",
                            "live(id, partition, partition.replicas(), context)"),
                    inReplica(
                            "commits with too small an ISR",
                            "A1 A2 Q",
                            "LeaderSide",
                            "if (isTooSmall || !committed.elr().isEmpty()) {",
                            "if (committed.isr().isEmpty()) {"),
                    inReplica(
                            "a diverged log is taken for the leader's",
                            "A2 B1 B2",
                            "LogComparison",
                            "return end.leaderEpoch() == lastEpoch && fetchOffset <="
                                    + " end.endOffset()",
                            "return fetchOffset <= logEnd"),
                    inReplica(
                            "a new follower cuts its log at its high watermark",
                            "B1 Q",
                            "FollowerSide",
                            "        this.wasInIsr = isInIsr();\n        open(laneByIsr());",
                            "        this.wasInIsr = isInIsr();\n        cutting = true;\n"
                                    + "        context.emit(new ReplicaEffect.TruncateTo("
                                    + "context.highWatermark().offset()));"),
                    inReplica(
                            "appends a push wherever it begins",
                            "W A2 B1 B2 BROKEN C D H I Q",
                            "FollowerSide",
                            "if (push.baseOffset() != context.ends().appended()) {",
                            "if (push.baseOffset() < 0) {"),
                    inReplica(
                            "a follower's high watermark is what it was told last",
                            "C",
                            "HighWatermark",
                            "offset = Math.max(offset, told);",
                            "offset = told;"),
                    inReplica(
                            "a leader answers who knows a newer epoch",
                            "C D E",
                            "ReplicaView",
                            "&& (knownEpoch.isEmpty() || knownEpoch.getAsInt() <="
                                    + " role.leaderEpoch())",
                            ""),
                    inReplica(
                            "shows what is not committed",
                            "D",
                            "ReplicaView",
                            "if (offset < highWatermark) {\n"
                                    + "            return new FetchVerdict.Read(highWatermark);",
                            "if (offset < logEndOffset) {\n"
                                    + "            return new FetchVerdict.Read(logEndOffset);"),
                    inController(
                            "a change of leader does not raise the leader epoch",
                            "E BROKEN",
                            "Membership",
                            "                leader,\n                before.leaderEpoch() + 1,",
                            "                leader,\n                before.leaderEpoch(),"),
                    inReplica(
                            "stores a duplicate",
                            "F1",
                            "ProduceRules",
                            "-> new Decision.Duplicate(baseOffset);",
                            "-> new Decision.Append();"),
                    inReplica(
                            "takes a sequence with a gap before it",
                            "F2",
                            "ProduceRules",
                            "case SequenceCheck.OutOfOrder(int expected) ->",
                            "case SequenceCheck.OutOfOrder(int expected) when expected >= 0 ->"
                                    + " new Decision.Append();\n"
                                    + "            case SequenceCheck.OutOfOrder(int expected) ->"),
                    inReplica(
                            "never tells an idle follower the high watermark",
                            "H",
                            "LeaderSessions",
                            "if (isToBeNudged(follower) && quietMs >= NUDGE_MS) {",
                            "if (isBehind(follower) && quietMs >= NUDGE_MS) {"),
                    new Plant(
                            "a flush proves what was appended while it ran",
                            "I Q BROKEN",
                            "log-engine/src/main/java/dev/weir/log/LogFlush.java",
                            "scope.parts().forEach(FlushPart::run);",
                            "scope.parts().size();"),
                    inController(
                            "a wiped directory keeps its membership",
                            "Q",
                            "Registration",
                            "if (!command.directories().contains(directory)",
                            "if (command.directories().isEmpty()"),
                    inController(
                            "a leader's registration leaves its leadership as it was",
                            "E A1 Q H C BROKEN",
                            "Registration",
                            "if (state.isLedBy(nodeId)) {",
                            "if (state.isLedBy(nodeId) && state.isr().isEmpty()) {"),
                    inController(
                            "tells a caller before the log has it",
                            "R",
                            "ActiveController",
                            "pending.propose(batch, encoded.length, new Pending.Answer.Commit(id,"
                                    + " result));",
                            "pending.propose(batch, encoded.length);\n"
                                    + "effects.add(new Reply(id, new CommandOutcome.Committed("
                                    + "result, applied.offset() + 1)));"),
                    inReplica(
                            "a follower joins before the start of the leader's epoch",
                            "T Q",
                            "LeaderSide",
                            "var reachesEpochStart = end >= epochStart;",
                            "var reachesEpochStart = true;"),
                    inReplica(
                            "a follower joins below the high watermark",
                            "Q",
                            "LeaderSide",
                            "var reachesHighWatermark = end >= context.highWatermark().offset();",
                            "var reachesHighWatermark = end >= 0;"));

    /// Seen within 4,000 seeds: `-Dsim.plants=all`.
    ///
    /// Not here: a leader that counts acknowledgements of any session. What those would let pass is
    /// held by the lanes, the incarnations in a proposal and the membership lost with a page cache;
    /// 4,000 seeds do not tell it from the real one. `LeaderSessionsTest` has the rule itself.
    static final List<Plant> RARE =
            List.of(
                    inReplica(
                            "answers latest-offset before its epoch is committed",
                            "C",
                            "ReplicaView",
                            "highWatermark >= leader.epochStartOffset();",
                            "leader.epochStartOffset() >= 0;"),
                    inReplica(
                            "an ELR that has members does not hold the high watermark",
                            "Q",
                            "LeaderSide",
                            "isTooSmall || !committed.elr().isEmpty()",
                            "isTooSmall"),
                    inReplica(
                            "takes messages of any session",
                            "W B1 B2 A2",
                            "FollowerSide",
                            "!message.session().equals(session)",
                            "session == null"),
                    inReplica(
                            "a proposal refused for a member is never replaced",
                            "H",
                            "IsrProposals",
                            "if (refused.ineligible()) {",
                            "if (refused.ineligible() && pendingMembers.isEmpty()) {"),
                    inController(
                            "a failed directory is never restored",
                            "H R",
                            "Registration",
                            "if (isRestored(directory, command, context)) {",
                            "if (isRestored(directory, command, context)"
                                    + " && directory.version() > 99) {"),
                    inController(
                            "what a failed disk holds keeps its membership",
                            "Q",
                            "Registration",
                            "anotherHolds(state, nodeId, registered)",
                            "directory.version() > 99"),
                    inController(
                            "a lost page cache keeps its membership",
                            "Q",
                            "Registration",
                            "return !command.isSameBoot() && !countsAsFsync;",
                            "return !command.isSameBoot() && !countsAsFsync && nodeIdIsNone();\n"
                                    + "    }\n\n    private static boolean nodeIdIsNone() {\n"
                                    + "        return false;"),
                    new Plant(
                            "a batch applies with a gap before it",
                            "R",
                            "metadata-quorum/src/main/java/dev/weir/metadata/image/ClusterImage.java",
                            "return batch.seq() == activation.lastSeq() + 1",
                            "return batch.seq() > activation.lastSeq()"),
                    inReplica(
                            "an answer applies whatever partition epoch it names",
                            "S R",
                            "LeaderSide",
                            "return accepted.partitionEpoch() >"
                                    + " context.committed().partitionEpoch();",
                            "return true;"),
                    inController(
                            "an ISR changes whatever partition epoch it is based on",
                            "S Q BROKEN H R",
                            "LeaderRequest",
                            "return state.partitionEpoch() == partitionEpoch",
                            "return state.partitionEpoch() >= partitionEpoch"),
                    inReplica(
                            "a proposed member does not hold the high watermark",
                            "Q A1",
                            "IsrProposals",
                            "members.addAll(pendingMembers);",
                            ""),
                    inReplica(
                            "fsync is confirmed before it is proved",
                            "Q",
                            "FsyncProof",
                            "if (sessions.durableEndOf(member) < bound) {",
                            "if (sessions.durableEndOf(member) < -1) {"));

    private PlantedBugs() {}
}
