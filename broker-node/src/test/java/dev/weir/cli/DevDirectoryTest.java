// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.config.BrokerConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

class DevDirectoryTest {

    private static final int BASE = 9400;

    @TempDir Path directory;

    @Test
    void threeNodesNameTheSameThreeVoters() {
        var configs = load(DevDirectory.prepare(directory, null, 3, BASE));

        assertThat(configs).extracting(BrokerConfig::nodeId).containsExactly(1, 2, 3);
        assertThat(configs.stream().map(BrokerConfig::quorumVoters).distinct())
                .singleElement()
                .satisfies(
                        voters ->
                                assertThat(voters)
                                        .extracting(voter -> voter.nodeId() + "@" + voter.address())
                                        .containsExactly(
                                                "1@127.0.0.1:9501",
                                                "2@127.0.0.1:9502",
                                                "3@127.0.0.1:9503"));
        assertThat(configs.getFirst().quorumVoters())
                .allSatisfy(voter -> assertThat(voter.directoryId()).isNotNull());
    }

    @Test
    void everyNodeHasFourPortsOfItsOwn() {
        var second = load(DevDirectory.prepare(directory, null, 3, BASE)).get(1);

        assertThat(second.listenAddress()).hasToString("127.0.0.1:9401");
        assertThat(second.quorumListenAddress()).hasToString("127.0.0.1:9502");
        assertThat(second.internalListenAddress()).hasToString("127.0.0.1:9602");
        assertThat(second.metricsAddress()).hasToString("127.0.0.1:9702");
    }

    @Test
    void freePortsAreAllDifferent() {
        var configs = load(DevDirectory.prepare(directory, 3, 1, 0));

        var ports = new HashSet<String>();
        for (var config : configs) {
            ports.add(config.listenAddress().toString());
            ports.add(config.quorumListenAddress().toString());
            ports.add(config.internalListenAddress().toString());
            ports.add(String.valueOf(config.metricsAddress()));
        }
        assertThat(ports).hasSize(12);
    }

    @Test
    void anExistingDirectoryKeepsItsNodesAndPorts() throws IOException {
        var before = DevDirectory.prepare(directory, 2, 3, BASE);
        var text = Files.readString(before.get(1));

        var after = DevDirectory.prepare(directory, null, 3, 10_000);

        assertThat(after).isEqualTo(before);
        assertThat(Files.readString(after.get(1))).isEqualTo(text);
    }

    @Test
    void anExistingDirectoryIsNotMadeLargerOrSmaller() {
        DevDirectory.prepare(directory, 2, 3, BASE);

        assertThatThrownBy(() -> DevDirectory.prepare(directory, 3, 3, BASE))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("a cluster of 2");
    }

    @Test
    void aStartThatBrokeOffIsBegunAnew() throws IOException {
        DevDirectory.prepare(directory, 3, 3, BASE);
        for (var id = 1; id <= 3; id++) {
            var home = directory.resolve("node-" + id);
            Files.move(home.resolve("weir.properties"), home.resolve("weir.properties.new"));
        }

        assertThat(load(DevDirectory.prepare(directory, 3, 3, BASE))).hasSize(3);
    }

    @Test
    void aDirectoryThatLostANodesFileIsRefused() throws IOException {
        DevDirectory.prepare(directory, 3, 3, BASE);
        Files.delete(directory.resolve("node-1/weir.properties"));

        assertThatThrownBy(() -> DevDirectory.prepare(directory, null, 3, BASE))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("a node 2 and no node 1");
    }

    private static List<BrokerConfig> load(List<Path> files) {
        return files.stream().map(BrokerConfig::load).collect(Collectors.toList());
    }
}
