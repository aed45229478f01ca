// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.ConfigRules;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.ControllerCommand.ConfigTarget;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.MetadataLog;
import dev.weir.metadata.log.ProposalOutcome;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.MetadataBatchCodec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class ControllerLoopTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long TERM = 5;

    private final HeldLog log = new HeldLog();
    private final List<String> halts = new CopyOnWriteArrayList<>();
    private ControllerLoop loop = loop(ConfigKeys::problem);

    @AfterEach
    void stops() {
        loop.close();
    }

    @Test
    void refusesCommandsBeyondItsMailbox() {
        for (var i = 0; i < ControllerLoop.COMMANDS_MAX; i++) {
            assertThat(loop.submit(command("1"), LONG).toCompletableFuture()).isNotDone();
        }

        var refused = loop.submit(command("1"), LONG).toCompletableFuture().getNow(null);

        assertThat(refused).isInstanceOf(GatewayOutcome.Refused.class);
        assertThat(((GatewayOutcome.Refused) refused).refusal().code())
                .isEqualTo(Refusal.Code.BUSY);
    }

    @Test
    void takesCommandsAgainOnceItsMailboxIsWorkedOff() throws Exception {
        var answers = new ArrayList<CompletionStage<GatewayOutcome>>();
        for (var i = 0; i < ControllerLoop.COMMANDS_MAX; i++) {
            answers.add(loop.submit(command("1"), LONG));
        }

        loop.start(log, null);

        for (var answer : answers) {
            assertThat(get(answer)).isEqualTo(new GatewayOutcome.NotController(OptionalInt.of(3)));
        }
        assertThat(get(loop.submit(command("1"), LONG)))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    @Test
    void answersWhenTheBatchHasAppliedHereAndNotBefore() throws Exception {
        activate();
        var answer = loop.submit(command("7"), LONG).toCompletableFuture();

        var proposed = log.next();
        assertThat(answer).isNotDone();
        log.commit(proposed);

        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Committed.class);
        assertThat(((GatewayOutcome.Committed) get(answer)).metadataOffset())
                .isEqualTo(log.image.offset());
    }

    @Test
    void answersUnknownWhenTheDeadlinePassesAfterTheProposal() throws Exception {
        activate();

        var answer = loop.submit(command("7"), Duration.ofMillis(30));

        log.next();
        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Unknown.class);
    }

    @Test
    void refusesACommandWhoseDeadlinePassedInTheMailbox() throws Exception {
        var answer = loop.submit(command("7"), Duration.ZERO);

        activate();

        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Refused.class);
        assertThat(log.proposals).isEmpty();
    }

    @Test
    void activatesAgainAfterAFailedProposal() throws Exception {
        activate();
        var answer = loop.submit(command("7"), LONG);

        log.next().outcome.complete(new ProposalOutcome.Unknown("no majority"));

        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Unknown.class);
        var again = log.next();
        assertThat(MetadataBatchCodec.decode(again.bytes).isActivation()).isTrue();
        log.commit(again);
        commitUntilIdle();
        var second = loop.submit(command("8"), LONG);
        log.commit(log.next());
        assertThat(get(second)).isInstanceOf(GatewayOutcome.Committed.class);
    }

    @Test
    void answersUnknownToWhomItProposedForWhenLeadershipIsLost() throws Exception {
        activate();
        var answer = loop.submit(command("7"), LONG);
        log.next();

        loop.leadershipLost();

        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Unknown.class);
        assertThat(get(loop.submit(command("8"), LONG)))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    @Test
    void haltsWhenADecisionThrowsAndAnswersWhoeverWaits() throws Exception {
        loop =
                loop(
                        (scope, key, value) -> {
                            throw new IllegalStateException("broken");
                        });
        activate();

        var answer = loop.submit(command("7"), LONG);

        assertThat(get(answer)).isInstanceOf(GatewayOutcome.Unknown.class);
        assertThat(halts).containsExactly("the controller broke an invariant");
    }

    @Test
    void answersWhoeverWaitsWhenItIsClosed() throws Exception {
        activate();
        var proposed = loop.submit(command("7"), LONG);
        log.next();

        loop.close();

        assertThat(get(proposed)).isInstanceOf(GatewayOutcome.Unknown.class);
        assertThat(get(loop.submit(command("8"), LONG)))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    private ControllerLoop loop(ConfigRules rules) {
        return new ControllerLoop(
                ControllerSettings.DEFAULT,
                rules,
                endpoint -> false,
                (reason, cause) -> halts.add(reason),
                1);
    }

    private void activate() throws InterruptedException {
        loop.start(log, null);
        loop.leaderReady(TERM, ClusterImage.EMPTY);
        commitUntilIdle();
    }

    /// Commits the activation and whatever the controller proposes of its own accord.
    private void commitUntilIdle() throws InterruptedException {
        // The first answer may overtake what the activation lets the controller propose itself.
        commitUntilAnswered();
        commitUntilAnswered();
    }

    private void commitUntilAnswered() throws InterruptedException {
        var idle =
                loop.submit(new ControllerCommand.AskRegistration(1), LONG).toCompletableFuture();
        while (!idle.isDone()) {
            var proposal = log.proposals.poll(5, TimeUnit.MILLISECONDS);
            if (proposal != null) {
                log.commit(proposal);
            }
        }
    }

    private static ControllerCommand command(String segmentMs) {
        return new ControllerCommand.AlterConfigs(
                new ConfigTarget.OfScope(new ConfigScope.Cluster()),
                new TreeMap<>(Map.of("segment.ms", Optional.of(segmentMs))),
                false);
    }

    private static GatewayOutcome get(CompletionStage<GatewayOutcome> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /// A log in which a batch commits when the test says so.
    private final class HeldLog implements MetadataLog {

        private final BlockingQueue<Proposal> proposals = new LinkedBlockingQueue<>();
        private ClusterImage image = ClusterImage.EMPTY;

        @Override
        public CompletionStage<ProposalOutcome> propose(byte[] batch) {
            var proposal = new Proposal(batch, new CompletableFuture<>());
            proposals.add(proposal);
            return proposal.outcome;
        }

        @Override
        public OptionalInt leaderHint() {
            return OptionalInt.of(3);
        }

        private Proposal next() throws InterruptedException {
            var next = proposals.poll(20, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        private void commit(Proposal proposal) {
            var batch = MetadataBatchCodec.decode(proposal.bytes);
            var index = image.offset() + 1;
            var result = (ApplyResult.Applied) image.apply(batch, TERM, index);
            image = result.image();
            loop.applied(TERM, index, batch, result);
            proposal.outcome.complete(new ProposalOutcome.Applied(index));
        }
    }

    private record Proposal(byte[] bytes, CompletableFuture<ProposalOutcome> outcome) {}
}
