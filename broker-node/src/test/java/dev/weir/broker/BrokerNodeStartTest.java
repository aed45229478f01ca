// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.metadata.config.ConfigKey;
import dev.weir.metadata.config.ConfigKeys;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

class BrokerNodeStartTest {

    @TempDir private Path directory;

    @Test
    void refusesADirectoryThatAnotherNodeHasOpen() {
        try (var first = TestNode.start(directory, Map.of())) {
            var settings = TestNode.settings(directory, first.config().clusterId());

            assertRefused(settings).hasMessageContaining("another process");
        }
    }

    @Test
    void refusesADirectoryThatWasNotFormatted() {
        assertRefused(TestNode.settings(directory, UUID.randomUUID()))
                .hasMessageContaining("weir format");
    }

    @Test
    void refusesADirectoryOfAnotherCluster() {
        TestNode.format(BrokerConfig.of(TestNode.settings(directory, UUID.randomUUID())));
        var other = UUID.randomUUID();

        assertRefused(TestNode.settings(directory, other)).hasMessageContaining(other.toString());
    }

    @Test
    void refusesAQuorumDirectoryThatWasWiped() throws IOException {
        var settings = TestNode.settings(directory, UUID.randomUUID());
        TestNode.format(BrokerConfig.of(settings));
        try (var files = Files.walk(BrokerConfig.of(settings).metadataDir())) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }

        assertRefused(settings).hasMessageContaining("format");
    }

    @Test
    void refusesAPortThatIsTaken() throws IOException {
        var settings = TestNode.settings(directory, UUID.randomUUID());
        var config = BrokerConfig.of(settings);
        TestNode.format(config);
        int port = config.listenAddress().port();
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(settings)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port)
                    .hasMessageContaining("listen.address");
        }
        // What had been opened is closed: the node starts once the port is free.
        BrokerNode.start(config, (_, _) -> {}).close();
    }

    @Test
    void startsWithEveryNumberAtTheLeastThatItsKeyTakes() {
        var least = new TreeMap<String, String>();
        for (var key : BrokerConfigKey.all()) {
            leastOf(key.type().range()).ifPresent(min -> least.put(key.name(), min));
        }
        for (var key : ConfigKeys.all()) {
            if (key.levels().contains(ConfigKey.Level.FILE)
                    && key.type() instanceof ConfigKey.Type.WholeNumber(var min, _)) {
                least.put(key.name(), String.valueOf(min));
            }
        }
        assertThat(least)
                .containsEntry("metadata.history.ms", "1")
                .containsEntry("shutdown.drain.ms", "0")
                .containsEntry("message.timestamp.after.max.ms", "0");
        least.remove("node.id");

        try (var node = TestNode.start(directory, least)) {
            assertThat(node.halts()).isEmpty();
        }
    }

    /// The least of `MIN..MAX`; empty for a range of something else than numbers.
    private static Optional<String> leastOf(String words) {
        var numbers = Pattern.compile("(-?\\d+)\\.\\..+").matcher(words);
        return numbers.matches() ? Optional.of(numbers.group(1)) : Optional.empty();
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(Map<String, String> settings) {
        var config = BrokerConfig.of(settings);
        return assertThatThrownBy(() -> BrokerNode.start(config, (_, _) -> {}))
                .isInstanceOf(BrokerStartException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
