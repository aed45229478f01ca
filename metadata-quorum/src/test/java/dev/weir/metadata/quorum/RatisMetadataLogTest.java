// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.QuorumException;
import dev.weir.metadata.identity.MetadataDirectory;
import dev.weir.metadata.log.ProposalOutcome;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

@Execution(ExecutionMode.CONCURRENT)
class RatisMetadataLogTest {

    private static final int NODE = 7;

    @TempDir private Path temporary;

    private final RecordedHalts halts = new RecordedHalts();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void formatsADirectory() {
        directory = temporary.resolve("quorum");
        MetadataQuorum.format(directory, UUID.randomUUID(), NODE);
    }

    @AfterEach
    void closesWhatIsOpen() throws Exception {
        for (var closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void appliesWhatWasProposedInOrder() {
        var listener = new RecordingListener();
        var log = lead(config(directory), listener);

        var outcomes = proposeAll(log, "a", "b", "c");

        assertThat(outcomes).allMatch(ProposalOutcome.Applied.class::isInstance);
        assertThat(listener.texts()).containsExactly("a", "b", "c");
        assertThat(log.leaderHint()).hasValue(NODE);
        assertThat(log.isHealthy()).isTrue();
    }

    @Test
    void answersSkippedWhereTheListenerRefuses() {
        var listener = new RecordingListener();
        var log = lead(config(directory), listener);

        var outcomes = proposeAll(log, "a", "xb", "c");

        assertThat(outcomes.get(1)).isInstanceOf(ProposalOutcome.Skipped.class);
        assertThat(listener.texts()).containsExactly("a", "c");
    }

    @Test
    void isReadyOnlyAfterEverythingOfEarlierTermsWasReplayed() {
        var first = new RecordingListener();
        var log = lead(config(directory), first);
        proposeAll(log, "a", "b");
        var copy = copyWhileRunning();

        var second = new RecordingListener();
        lead(config(copy), second);

        assertThat(second.events()).containsExactly("applied a", "applied b", "ready");
    }

    @Test
    void restartsFromASnapshotWhenTheLogBeforeItIsPurged() throws IOException {
        var listener = new RecordingListener();
        var config =
                QuorumConfigs.with(
                        QuorumConfigs.tuning(new QuorumConfig.Snapshots(20, 1, 3_600_000, 1 << 20)),
                        config(directory));
        var log = lead(config, listener);
        // Purging works by whole segments, here of 1 MiB.
        var large = "l".repeat(100 * 1024);
        IntStream.range(0, 60).forEach(i -> proposeAll(log, large));
        Await.until("purged", () -> !segmentFiles(directory).contains("log_0-"));
        var copy = copyWhileRunning();

        var second = new RecordingListener();
        lead(config(copy), second);

        assertThat(second.events().getFirst()).isEqualTo("restored");
        assertThat(second.texts()).hasSize(60);
        assertThat(snapshotFiles(copy)).hasSizeBetween(1, 3);
    }

    @Test
    void snapshotsOnRequestAndOnClose() {
        var listener = new RecordingListener();
        var log = lead(config(directory), listener);
        proposeAll(log, "a");

        assertThat(log.snapshot()).isTrue();
        proposeAll(log, "b");
        log.close();

        assertThat(listener.events())
                .containsSubsequence("applied a", "snapshot", "applied b", "snapshot");
        assertThat(halts.reasons()).isEmpty();
    }

    @Test
    void haltsWhenAnEntryCannotBeApplied() {
        var log = lead(config(directory), new RecordingListener());

        log.propose(RecordingListener.bytes("boom"));

        Await.until("halted", () -> !halts.reasons().isEmpty());
        assertThat(halts.reasons().getFirst()).contains("cannot apply metadata at offset");
    }

    @Test
    void refusesAPortThatIsInUse() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var config =
                    QuorumConfigs.alone(
                            directory, NODE, taken.getLocalPort(), new SimpleMeterRegistry());

            assertThatThrownBy(() -> start(config, new RecordingListener()))
                    .isInstanceOf(QuorumException.PortTaken.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void servesVotersOnlyOnItsPort() throws Exception {
        var log = lead(config(directory), new RecordingListener());
        var channel =
                org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder.forAddress(
                                "127.0.0.1", log.port())
                        .usePlaintext()
                        .build();
        try {
            var admin =
                    org.apache.ratis.proto.grpc.AdminProtocolServiceGrpc.newBlockingStub(channel);

            assertThatThrownBy(
                            () ->
                                    admin.groupList(
                                            org.apache.ratis.proto.RaftProtos.GroupListRequestProto
                                                    .getDefaultInstance()))
                    .hasMessageContaining("PERMISSION_DENIED");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void bringsItsMetersAndTakesThemAway() {
        var meters = new SimpleMeterRegistry();
        var config = QuorumConfigs.alone(directory, NODE, 0, meters);
        var peerId = MetadataDirectory.identityOf(directory).peerId();
        MicrometerMetricRegistries.route(peerId, meters);
        var log = lead(config, new RecordingListener());
        proposeAll(log, "a");

        var syncs = meters.find("ratis.log_worker.syncTime").timer();

        assertThat(syncs).isNotNull();
        assertThat(syncs.count()).isPositive();
        assertThat(meters.find("ratis.server.peerCommitIndex").tag("peer", peerId).gauge())
                .isNotNull();
        log.close();
        assertThat(meters.getMeters()).isEmpty();
        MicrometerMetricRegistries.unroute(peerId);
    }

    private QuorumConfig config(Path of) {
        return QuorumConfigs.alone(of, NODE);
    }

    private RatisMetadataLog start(QuorumConfig config, RecordingListener listener) {
        var held = MetadataDirectory.open(config.directory(), NODE, null);
        open.add(held);
        RaftGroupDirectory.check(held);
        var log = RatisMetadataLog.start(config, held, listener, halts);
        open.add(log);
        return log;
    }

    private RatisMetadataLog lead(QuorumConfig config, RecordingListener listener) {
        var log = start(config, listener);
        Await.until("leader", listener::isReady);
        return log;
    }

    private static List<ProposalOutcome> proposeAll(RatisMetadataLog log, String... texts) {
        var stages = new ArrayList<CompletionStage<ProposalOutcome>>();
        for (var text : texts) {
            stages.add(log.propose(RecordingListener.bytes(text)));
        }
        return stages.stream().map(Await::get).toList();
    }

    /// What a kill would leave: nothing is closed, nothing snapshotted.
    private Path copyWhileRunning() {
        var copy = temporary.resolve("copy");
        CopiedDirectory.copy(directory, copy);
        return copy;
    }

    private static List<String> segmentFiles(Path directory) {
        return filesUnder(directory, "log_").stream()
                .map(name -> name.replaceAll("(log_\\d+-).*", "$1"))
                .toList();
    }

    /// Whole ones: a copy that was made while another was being written has that as `.tmp`.
    private static List<String> snapshotFiles(Path directory) {
        return filesUnder(directory, "snapshot.").stream()
                .filter(name -> !name.endsWith(".md5") && !name.endsWith(".tmp"))
                .toList();
    }

    private static List<String> filesUnder(Path directory, String prefix) {
        try (var files = Files.walk(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
