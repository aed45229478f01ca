// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerSettings;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.history.ImageAt;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.ProposalOutcome;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;
import dev.weir.metadata.watch.WatchEvent;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

@Execution(ExecutionMode.CONCURRENT)
class MetadataQuorumTest {

    @TempDir private Path temporary;

    private final List<RunningNode> running = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void formats() {
        directory = temporary.resolve("quorum");
        MetadataQuorum.format(directory, UUID.randomUUID(), RunningNode.NODE);
    }

    @AfterEach
    void closesAndSawNoHalt() {
        running.forEach(RunningNode::close);
        assertThat(running).allSatisfy(node -> assertThat(node.halts()).isEmpty());
    }

    @Test
    void aCommittedTopicIsInTheImageWhenItsCallerHears() {
        var node = start(directory).withBroker();

        var offset = node.createTopic("orders");

        assertThat(node.topics()).containsExactly("orders");
        assertThat(node.quorum().image().offset()).isEqualTo(offset);
        var status = node.quorum().status();
        assertThat(status.role()).isEqualTo(QuorumStatus.Role.LEADER);
        assertThat(status.leaderId()).hasValue(RunningNode.NODE);
        assertThat(status.isHealthy()).isTrue();
        assertThat(status.metadataOffset()).isEqualTo(offset);
        assertThat(status.commitIndex()).isGreaterThanOrEqualTo(offset);
        assertThat(status.voters()).hasSize(1);
        assertThat(status.voters().getFirst().address())
                .isEqualTo("127.0.0.1:" + node.quorum().port());
    }

    @Test
    void refusesASecondTopicOfTheSameName() {
        var node = start(directory).withBroker();
        node.createTopic("orders");

        var outcome = node.submit(RunningNode.createTopicCommand("orders", 1));

        assertThat(outcome).isInstanceOf(GatewayOutcome.Refused.class);
        assertThat(((GatewayOutcome.Refused) outcome).refusal().code())
                .isEqualTo(Refusal.Code.TOPIC_EXISTS);
    }

    @Test
    void hasTheSameImageAfterAKillAndAfterACleanStop() {
        var first = start(directory).withBroker();
        first.createTopic("a");
        first.createTopic("b");
        var before = first.quorum().image();
        var killed = kill(first);

        var second = start(killed);
        assertThat(withoutActivation(second, before)).isEqualTo(before);
        second.close();

        var third = start(killed);
        assertThat(third.topics()).containsExactly("a", "b");
        assertThat(third.quorum().history().imageAt(before.offset()))
                .isEqualTo(new ImageAt.Found(before));
    }

    @Test
    void showsTheImageBeforeATopicExistedAlsoAfterKillPurgeAndRestart() throws IOException {
        // Segments of 16 KiB and snapshots every 20 entries, so that the log really is purged.
        var tuning = QuorumConfigs.tuning(new QuorumConfig.Snapshots(20, 1, 3_600_000, 16 << 10));
        var first = start(QuorumConfigs.with(tuning, RunningNode.config(directory))).withBroker();
        var atA = first.createTopic("a");
        var images = new ArrayList<ClusterImage>();
        for (var i = 0; i < 60; i++) {
            first.committed(RunningNode.createTopicCommand("t" + i, 40));
            images.add(first.quorum().image());
        }
        Await.until("purged", () -> !logFiles(directory).contains("log_0-"));
        var killed = kill(first);

        var second = start(QuorumConfigs.with(tuning, RunningNode.config(killed)));

        var history = second.quorum().history();
        assertThat(found(history.imageAt(atA - 1)).topics().topic("a")).isEmpty();
        assertThat(found(history.imageAt(atA)).topics().topic("a")).isPresent();
        assertThat(images)
                .allSatisfy(
                        image ->
                                assertThat(history.imageAt(image.offset()))
                                        .isEqualTo(new ImageAt.Found(image)));
        assertThat(history.imageAt(Long.MAX_VALUE))
                .isEqualTo(new ImageAt.Unavailable(0, second.quorum().image().offset()));
    }

    @Test
    void aWatchSeesATopicComeIntoBeing() {
        var node = start(directory).withBroker();
        var watch = node.quorum().watch(OptionalLong.empty(), () -> {});
        var before = watch.poll();

        var offset = node.createTopic("orders");

        assertThat(before).containsInstanceOf(WatchEvent.Snapshot.class);
        var seen = new ArrayList<Long>();
        for (var event = watch.poll(); event.isPresent(); event = watch.poll()) {
            var delta = (WatchEvent.Delta) event.get();
            if (!delta.delta().createdTopics().isEmpty()) {
                seen.add(delta.delta().offset());
            }
        }
        assertThat(seen).containsExactly(offset);
    }

    @Test
    void skipsABatchOfAnEarlierActivationAndGoesOnDeciding() {
        start(directory).close();
        var node = start(directory).withBroker();
        var image = node.quorum().image();
        var stale =
                new MetadataBatch(
                        image.activation().activationId() - 1,
                        1,
                        List.of(new FeatureLevelSet("stale", 1)));

        var outcome = Await.get(node.quorum().log().propose(MetadataBatchCodec.encode(stale)));

        assertThat(outcome).isInstanceOf(ProposalOutcome.Skipped.class);
        assertThat(node.quorum().image().features()).doesNotContainKey("stale");
        node.createTopic("orders");
        assertThat(node.topics()).containsExactly("orders");
    }

    @Test
    void fencesABrokerThatFallsSilent() {
        var settings = new ControllerSettings(700, 50, 50, 512, 16 << 20, 1_024, 1, 100, 1_000);
        var config = RunningNode.config(directory);
        var node = start(QuorumConfigs.with(QuorumConfigs.tuning(settings), config)).withBroker();

        node.stopHeartbeats();

        Await.until("fenced", () -> isFenced(node));
    }

    @Test
    void fencesABrokerWhoseStreamClosedAndWhosePortRefuses() {
        var node = start(directory).withBroker();

        node.stopHeartbeats();
        node.session().close();

        Await.until("fenced", () -> isFenced(node));
    }

    @Test
    void aSessionIsToldToTheControllerOfTheNextActivation() throws Exception {
        var node = start(directory).withBroker();
        var activation = node.quorum().image().activation().activationId();

        node.quorum().stepDown();
        Await.until(
                "active again",
                () ->
                        node.quorum().image().activation().activationId() > activation
                                && node.quorum().status().isActiveController());

        node.createTopic("orders");
        assertThat(isFenced(node)).isFalse();
    }

    @Test
    void answersEveryoneWhenItCloses() {
        var node = start(directory).withBroker();
        var answers = new ArrayList<GatewayOutcome>();
        var stages = new ArrayList<CompletionStage<GatewayOutcome>>();
        for (var i = 0; i < 200; i++) {
            stages.add(
                    node.quorum()
                            .gateway()
                            .submit(
                                    RunningNode.createTopicCommand("t" + i, 1),
                                    Duration.ofSeconds(10)));
        }

        node.close();

        stages.forEach(stage -> answers.add(Await.get(stage)));
        var created = answers.stream().filter(GatewayOutcome.Committed.class::isInstance).count();
        assertThat(node.topics()).hasSizeGreaterThanOrEqualTo((int) created);
        assertThat(
                        Await.get(
                                node.quorum()
                                        .gateway()
                                        .submit(
                                                RunningNode.createTopicCommand("late", 1),
                                                Duration.ofSeconds(1))))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    private RunningNode start(Path from) {
        return start(RunningNode.config(from));
    }

    private RunningNode start(QuorumConfig config) {
        var node = RunningNode.start(config);
        running.add(node);
        return node;
    }

    /// What a kill would leave: nothing is closed, nothing snapshotted.
    private Path kill(RunningNode node) {
        var copy = temporary.resolve("killed");
        CopiedDirectory.copy(directory, copy);
        node.close();
        return copy;
    }

    private static boolean isFenced(RunningNode node) {
        return node.quorum().image().brokers().broker(RunningNode.NODE).orElseThrow().isFenced();
    }

    /// The image just before the node's own activation, for comparison with one of an earlier life.
    private static ClusterImage withoutActivation(RunningNode node, ClusterImage before) {
        return found(node.quorum().history().imageAt(before.offset()));
    }

    private static ClusterImage found(ImageAt at) {
        return ((ImageAt.Found) at).image();
    }

    private static List<String> logFiles(Path directory) {
        try (var files = Files.walk(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("log_"))
                    .map(name -> name.replaceAll("(log_\\d+-).*", "$1"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
