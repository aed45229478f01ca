// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand.AddVoter;
import dev.weir.metadata.controller.core.ControllerCommand.RemoveVoter;
import dev.weir.metadata.controller.core.ControllerCommand.VoterCommand;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.QuorumVoter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/// Who votes changes while the quorum runs.
class VoterChangeTest {

    private static final QuorumConfig.Tuning TUNING =
            QuorumConfigs.tuning(400, new QuorumConfig.Snapshots(20, 1, 3_600_000, 4 << 10));

    @TempDir private Path temporary;
    private VoterCluster cluster;

    @BeforeEach
    void makesACluster() {
        cluster = new VoterCluster(temporary, TUNING);
    }

    @AfterEach
    void closesAndSawNoHalt() {
        cluster.close();
    }

    @Test
    void replacesAVoterWhoseDiskIsLost() throws IOException {
        cluster.startAll(3);
        for (var i = 1; i <= 60; i++) {
            cluster.alter(Integer.toString(i));
        }
        var lost = cluster.voter(3);
        cluster.stop(3);
        cluster.wipe(3);

        assertThat(change(new RemoveVoter(3, lost.directoryId())))
                .extracting("nodeId")
                .contains(1, 2)
                .hasSize(2);
        var replacement = cluster.format(3);
        var waiting = cluster.start(3);
        assertThat(waiting.quorum().isVoter()).isFalse();
        assertThat(change(new AddVoter(replacement))).contains(replacement).hasSize(3);

        Await.until("caught up", () -> VoterCluster.shows(waiting, "60"));
        assertThat(waiting.quorum().isVoter()).isTrue();
        cluster.stop(1);
        cluster.alter("61");
        cluster.stop(3);
        cluster.start(3);
        cluster.alter("62");
    }

    @Test
    void growsFromOneVoterToThree() {
        cluster.startAll(1);
        cluster.alter("1");
        for (var nodeId = 2; nodeId <= 3; nodeId++) {
            var voter = cluster.format(nodeId);
            cluster.start(nodeId);

            assertThat(change(new AddVoter(voter))).hasSize(nodeId).contains(voter);
        }

        cluster.stop(cluster.leader().quorum().identity().nodeId());
        cluster.alter("2");
    }

    @Test
    void handsLeadershipOverBeforeTheLeaderIsRemoved() {
        cluster.startAll(3);
        var leader = cluster.leader();
        var voter = cluster.voter(leader.quorum().identity().nodeId());
        var removal = new RemoveVoter(voter.nodeId(), voter.directoryId());

        assertThat(leader.submit(removal)).isInstanceOf(GatewayOutcome.NotController.class);
        assertThat(change(removal)).hasSize(2).doesNotContain(voter);

        Await.until("halted", () -> !leader.halts().isEmpty());
        assertThat(leader.halts().getFirst()).contains("this voter was removed");
        cluster.running().remove(voter.nodeId());
        leader.close();
        cluster.alter("1");
    }

    @Test
    void refusesARemovalThatLeavesNoLiveMajority() {
        cluster.startAll(3);
        var leaderId = cluster.leader().quorum().identity().nodeId();
        var followers = cluster.running().keySet().stream().filter(id -> id != leaderId).toList();
        cluster.stop(followers.getFirst());
        var live = cluster.voter(followers.getLast());

        Await.until(
                "the leader misses the one that stopped",
                () ->
                        refusal(new RemoveVoter(live.nodeId(), live.directoryId()))
                                == Code.QUORUM_AT_RISK);
        var stopped = cluster.voter(followers.getFirst());
        assertThat(change(new RemoveVoter(stopped.nodeId(), stopped.directoryId()))).hasSize(2);
    }

    @Test
    void refusesWhatIsNotThereAndWhatIsThereTwice() {
        cluster.startAll(1);
        var voter = cluster.voter(1);
        var other = new QuorumVoter(1, UUID.randomUUID(), new Endpoint("127.0.0.1", 9));

        assertThat(refusal(new RemoveVoter(2, voter.directoryId()))).isEqualTo(Code.UNKNOWN_VOTER);
        assertThat(refusal(new AddVoter(other))).isEqualTo(Code.VOTER_EXISTS);
        assertThat(refusal(new RemoveVoter(1, voter.directoryId()))).isEqualTo(Code.QUORUM_AT_RISK);
        assertThat(change(new AddVoter(voter))).containsExactly(voter);
    }

    @Test
    void refusesAVoterThatDoesNotAnswerOrIsAnotherOne() {
        cluster.startAll(3);
        var nobody =
                new QuorumVoter(
                        4, UUID.randomUUID(), new Endpoint("127.0.0.1", VoterCluster.freePort()));
        var atAnothersAddress = new QuorumVoter(4, UUID.randomUUID(), cluster.voter(2).endpoint());

        assertThat(refusal(new AddVoter(nobody))).isEqualTo(Code.VOTER_NOT_READY);
        assertThat(refusal(new AddVoter(atAnothersAddress))).isEqualTo(Code.VOTER_NOT_READY);
        cluster.alter("1");
        assertThat(cluster.leader().quorum().status().voters()).hasSize(3);
    }

    /// As an operator would: again while the leader has not heard of a live voter for a moment.
    private List<QuorumVoter> change(VoterCommand command) {
        var changed = new AtomicReference<List<QuorumVoter>>(List.of());
        Await.until("the voters change: " + command, () -> isChanged(command, changed));
        return changed.get();
    }

    private boolean isChanged(VoterCommand command, AtomicReference<List<QuorumVoter>> changed) {
        return switch (cluster.decide(command)) {
            case GatewayOutcome.Committed(CommandResult.VotersNow(var voters), _) -> {
                changed.set(voters);
                yield true;
            }
            case GatewayOutcome.Refused(var refusal, _)
                    when refusal.code() == Code.QUORUM_AT_RISK ->
                    false;
            case GatewayOutcome outcome -> throw new AssertionError(outcome);
        };
    }

    private Code refusal(VoterCommand command) {
        return switch (cluster.decide(command)) {
            case GatewayOutcome.Refused(var refusal, _) -> refusal.code();
            case GatewayOutcome outcome -> throw new AssertionError(outcome);
        };
    }
}
