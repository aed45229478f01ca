// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;

class MetadataIT {

    @TempDir Path directory;

    @Test
    void anEarlierImageIsShownAsItWasAlsoAfterARestart() throws Exception {
        long before;
        try (var node = DevNode.start(directory)) {
            before = metadata(node).get("offset").getAsLong();
            node.run("topic", "create", "later", "--partitions", "2").assertSucceeded();

            assertThat(hasTopic(metadata(node), "later")).isTrue();
            assertThat(hasTopic(metadata(node, "--at", String.valueOf(before)), "later")).isFalse();
            assertThat(node.stop()).isZero();
        }
        try (var node = DevNode.start(directory)) {
            assertThat(hasTopic(metadata(node), "later")).isTrue();
            assertThat(hasTopic(metadata(node, "--at", String.valueOf(before)), "later")).isFalse();
        }
    }

    @Test
    void aWatchPrintsACreationAsItHappens() throws IOException {
        try (var node = DevNode.start(directory)) {
            var watch =
                    Cli.start(
                            node.withBootstrap(
                                    "cluster", "metadata", "--watch", "--output", "json"));
            try {
                var lines = new BufferedReader(watch.inputReader(UTF_8));
                assertThat(lines.readLine()).contains("\"offset\"");

                node.run("topic", "create", "watched", "--partitions", "1").assertSucceeded();

                assertThat(lineWith(lines, "watched")).contains("topicCreated");
            } finally {
                watch.destroyForcibly();
            }
        }
    }

    private static String lineWith(BufferedReader lines, String wanted) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(wanted)) {
                return line;
            }
        }
        throw new AssertionError("the watch ended");
    }

    private static JsonObject metadata(DevNode node, String... more) {
        var arguments = new java.util.ArrayList<String>();
        arguments.addAll(java.util.List.of("cluster", "metadata", "--output", "json"));
        arguments.addAll(java.util.List.of(more));
        return node.run(arguments.toArray(String[]::new)).assertSucceeded().lastLineAsJson();
    }

    private static boolean hasTopic(JsonObject metadata, String name) {
        var topics = metadata.getAsJsonObject("image").getAsJsonArray("topics");
        return topics != null
                && StreamSupport.stream(topics.spliterator(), false)
                        .anyMatch(
                                topic ->
                                        topic.getAsJsonObject()
                                                .get("name")
                                                .getAsString()
                                                .equals(name));
    }
}
