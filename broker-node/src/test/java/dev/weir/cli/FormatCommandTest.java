// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.config.Voter;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.UUID;

class FormatCommandTest {

    private static final UUID CLUSTER = UUID.fromString("0a0b0c0d-1111-2222-3333-444444444444");

    @TempDir private Path directory;
    private Path config;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writesAConfigurationWithoutVoters() throws IOException {
        config = directory.resolve("weir.properties");
        Files.writeString(
                config,
                "node.id=2\ndata.dir=data\nquorum.advertised.address=n2.example.org:9401\n");
    }

    @Test
    void printsTheClusterAndTheVotersEntry() {
        assertThat(format("--cluster-id", CLUSTER.toString())).isZero();

        var lines = out.toString().lines().toList();
        assertThat(lines.getFirst()).isEqualTo("cluster " + CLUSTER);
        var voter = Voter.parse(lines.get(1).substring("voter ".length()));
        assertThat(voter.nodeId()).isEqualTo(2);
        assertThat(voter.address()).hasToString("n2.example.org:9401");
        assertThat(voter.directoryId()).isNotNull();
    }

    @Test
    void givesEveryNewClusterAnotherId() throws IOException {
        assertThat(format("--new-cluster", "--output", "json")).isZero();
        var first = out.toString();
        out.getBuffer().setLength(0);
        delete(directory.resolve("data"));
        assertThat(format("--new-cluster", "--output", "json")).isZero();

        assertThat(first).contains("\"clusterId\":", "\"voter\":\"2@n2.example.org:9401:");
        assertThat(out.toString()).isNotEqualTo(first);
    }

    @Test
    void wantsToKnowWhichCluster() {
        assertThat(format()).isEqualTo(1);

        assertThat(err.toString()).contains("--new-cluster", "--cluster-id");
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void refusesAClusterThatTheConfigurationContradicts() throws IOException {
        Files.writeString(config, Files.readString(config) + "cluster.id=" + CLUSTER + "\n");

        assertThat(format("--new-cluster")).isEqualTo(1);
        assertThat(format("--cluster-id", UUID.randomUUID().toString())).isEqualTo(1);
        assertThat(err.toString()).contains("cluster.id=" + CLUSTER);

        assertThat(format()).isZero();
    }

    @Test
    void formatsAMetadataDirectoryThatWasLostBesideItsData() throws IOException {
        format("--cluster-id", CLUSTER.toString());
        var before = out.toString();
        out.getBuffer().setLength(0);
        delete(directory.resolve("data/metadata"));

        assertThat(format("--cluster-id", UUID.randomUUID().toString())).isEqualTo(1);
        assertThat(err.toString()).contains("belongs to node 2 of cluster " + CLUSTER);

        assertThat(format("--cluster-id", CLUSTER.toString())).isZero();
        assertThat(out.toString()).contains("cluster " + CLUSTER).isNotEqualTo(before);

        assertThat(format("--cluster-id", CLUSTER.toString())).isEqualTo(1);
    }

    private int format(String... arguments) {
        var all = new String[arguments.length + 3];
        all[0] = "format";
        all[1] = "--config";
        all[2] = config.toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    private static void delete(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
