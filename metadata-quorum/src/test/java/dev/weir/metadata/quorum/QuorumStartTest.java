// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.QuorumException;
import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.identity.DirectoryIdentity;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// Every directory and port that a start must refuse, with one line for an operator.
@Execution(ExecutionMode.CONCURRENT)
class QuorumStartTest {

    @TempDir private Path temporary;

    private Path directory;
    private DirectoryIdentity identity;

    @BeforeEach
    void formats() {
        directory = temporary.resolve("quorum");
        identity = MetadataQuorum.format(directory, UUID.randomUUID(), RunningNode.NODE);
    }

    @Test
    void refusesADirectoryThatWasNeverFormatted() {
        assertRefused(
                RunningNode.config(temporary.resolve("other")), QuorumException.NotFormatted.class);
    }

    @Test
    void refusesADirectoryOfAnotherCluster() {
        assertRefused(
                QuorumConfigs.with(UUID.randomUUID(), RunningNode.config(directory)),
                QuorumException.ForeignDirectory.class);
    }

    @Test
    void refusesADirectoryOfAnotherNode() {
        assertRefused(
                QuorumConfigs.alone(directory, 9, 0, new SimpleMeterRegistry()),
                QuorumException.ForeignDirectory.class);
    }

    @Test
    void refusesADirectoryWithAnotherClustersGroup() throws IOException {
        Files.createDirectories(directory.resolve("raft/" + UUID.randomUUID()));

        assertRefused(RunningNode.config(directory), QuorumException.ForeignDirectory.class);
    }

    @Test
    void refusesADirectoryWhoseRaftPartWasRemoved() throws IOException {
        delete(directory.resolve("raft"));

        assertRefused(RunningNode.config(directory), QuorumException.WipedDirectory.class);
    }

    @Test
    void refusesADirectoryWhoseVoteWasRemoved() throws IOException {
        Files.delete(vote());

        assertRefused(RunningNode.config(directory), QuorumException.WipedDirectory.class);
    }

    @Test
    void refusesADirectoryWhoseVoteAFullDiskEmptied() throws IOException {
        Files.write(vote(), new byte[0]);

        assertRefused(RunningNode.config(directory), QuorumException.WipedDirectory.class);
    }

    @Test
    void refusesADirectoryWhoseLogWasRemoved() throws IOException {
        RunningNode.start(RunningNode.config(directory)).close();
        try (var files = Files.list(vote().getParent())) {
            for (var file : files.toList()) {
                if (file.getFileName().toString().startsWith("log_")) {
                    Files.delete(file);
                }
            }
        }
        delete(group().resolve("sm"));
        Files.createDirectory(group().resolve("sm"));

        assertRefused(RunningNode.config(directory), QuorumException.WipedDirectory.class);
    }

    @Test
    void refusesADamagedSnapshot() throws IOException {
        RunningNode.start(RunningNode.config(directory)).close();
        flipAByteIn(group().resolve("sm"), "snapshot.");

        assertRefused(RunningNode.config(directory), QuorumException.StartFailed.class);
    }

    @Test
    void refusesALogThatIsDamagedInItsMiddle() throws IOException {
        var killed = temporary.resolve("killed");
        try (var node = RunningNode.start(RunningNode.config(directory)).withBroker()) {
            node.createTopic("a");
            CopiedDirectory.copy(directory, killed);
        }
        flipAByteIn(killed.resolve("raft/" + identity.clusterId() + "/current"), "log_");

        assertRefused(RunningNode.config(killed), QuorumException.StartFailed.class);
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        try (var node = RunningNode.start(RunningNode.config(directory))) {
            assertRefused(RunningNode.config(directory), QuorumException.DirectoryLocked.class);
            assertThat(node.quorum().status().isHealthy()).isTrue();
        }
    }

    @Test
    void refusesATakenPortAndStartsOnceItIsFree() throws IOException {
        int port;
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
            assertRefused(
                    QuorumConfigs.alone(
                            directory, RunningNode.NODE, port, new SimpleMeterRegistry()),
                    QuorumException.PortTaken.class);
        }

        var config =
                QuorumConfigs.alone(directory, RunningNode.NODE, port, new SimpleMeterRegistry());
        try (var node = RunningNode.start(config)) {
            assertThat(node.quorum().port()).isEqualTo(port);
        }
    }

    @Test
    void givesTheDirectoryBackAfterARefusedStart() throws IOException {
        Files.createDirectories(directory.resolve("raft/" + UUID.randomUUID()));
        assertRefused(RunningNode.config(directory), QuorumException.ForeignDirectory.class);

        assertRefused(RunningNode.config(directory), QuorumException.ForeignDirectory.class);
    }

    private static void assertRefused(
            QuorumConfig config, Class<? extends QuorumException> exception) {
        var halts = new RecordedHalts();
        assertThatThrownBy(() -> MetadataQuorum.start(config, ConfigKeys::problem, halts))
                .isInstanceOf(exception)
                .hasMessageNotContaining("\n");
        assertThat(halts.reasons()).isEmpty();
    }

    private static void flipAByteIn(Path directory, String prefix) throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.startsWith(prefix) && !name.endsWith(".md5")) {
                    var bytes = Files.readAllBytes(file);
                    bytes[Math.min(bytes.length, 100) / 2] ^= 1;
                    Files.write(file, bytes);
                }
            }
        }
    }

    private Path group() {
        return directory.resolve("raft/" + identity.clusterId());
    }

    private Path vote() {
        return group().resolve("current/raft-meta");
    }

    private static void delete(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }
}
