// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.QuorumException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

class MetadataDirectoryTest {

    private static final DirectoryIdentity IDENTITY =
            new DirectoryIdentity(new UUID(1, 2), 7, new UUID(3, 4));

    @TempDir private Path temporary;

    private Path directory;

    @BeforeEach
    void namesADirectory() {
        directory = temporary.resolve("a/b");
    }

    @Test
    void opensWhatWasFormatted() {
        format();

        try (var open = MetadataDirectory.open(directory, 7, IDENTITY.clusterId())) {
            assertThat(open.identity()).isEqualTo(IDENTITY);
            assertThat(MetadataDirectory.identityOf(directory)).isEqualTo(IDENTITY);
        }
    }

    @Test
    void refusesToFormatTwice() {
        format();

        assertThatThrownBy(this::format)
                .isInstanceOf(QuorumException.NotEmpty.class)
                .hasMessageContaining("meta.properties");
    }

    @Test
    void refusesToFormatADirectoryThatHoldsAnything() throws IOException {
        Files.createDirectories(directory);
        Files.createFile(directory.resolve("something"));

        assertThatThrownBy(this::format)
                .isInstanceOf(QuorumException.NotEmpty.class)
                .hasMessageContaining("something");
    }

    @Test
    void isNotFormattedWhenPreparingFailed() {
        assertThatThrownBy(
                        () ->
                                MetadataDirectory.format(
                                        directory,
                                        IDENTITY,
                                        (path, identity) -> {
                                            throw new IllegalStateException("no");
                                        }))
                .isInstanceOf(IllegalStateException.class);

        assertThatThrownBy(() -> MetadataDirectory.open(directory, 7, null))
                .isInstanceOf(QuorumException.NotFormatted.class);
    }

    @Test
    void refusesAMissingDirectory() {
        assertThatThrownBy(() -> MetadataDirectory.open(directory, 7, null))
                .isInstanceOf(QuorumException.NotFormatted.class)
                .hasMessageContaining("weir format");
    }

    @Test
    void refusesAnotherCluster() {
        format();
        var expected = new UUID(9, 9);

        assertThatThrownBy(() -> MetadataDirectory.open(directory, 7, expected))
                .isInstanceOf(QuorumException.ForeignDirectory.class)
                .hasMessageContaining(expected.toString())
                .hasMessageContaining(IDENTITY.clusterId().toString());
    }

    @Test
    void refusesAnotherNode() {
        format();

        assertThatThrownBy(() -> MetadataDirectory.open(directory, 8, null))
                .isInstanceOf(QuorumException.ForeignDirectory.class)
                .hasMessageContaining("node.id 7");
    }

    @Test
    void refusesASecondHolderAndKeepsTheFirstOnesLock() {
        format();
        try (var open = MetadataDirectory.open(directory, 7, null)) {
            for (var attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> MetadataDirectory.open(directory, 7, null))
                        .isInstanceOf(QuorumException.DirectoryLocked.class);
            }
            assertThat(open.path()).isEqualTo(directory);
        }

        MetadataDirectory.open(directory, 7, null).close();
    }

    @Test
    void isNotLockedAfterARefusedOpen() {
        format();

        assertThatThrownBy(() -> MetadataDirectory.open(directory, 8, null))
                .isInstanceOf(QuorumException.ForeignDirectory.class);

        MetadataDirectory.open(directory, 7, null).close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version=2\ncluster.id=00000000-0000-0001-0000-000000000002\nnode.id=7\n"
                        + "directory.id=00000000-0000-0003-0000-000000000004\nformatted=true\n",
                "version=1\ncluster.id=x\nnode.id=7\n"
                        + "directory.id=00000000-0000-0003-0000-000000000004\nformatted=true\n",
                "version=1\ncluster.id=00000000-0000-0001-0000-000000000002\nnode.id=7\n"
                        + "directory.id=00000000-0000-0003-0000-000000000004\n",
                "version=1\ncluster.id=00000000-0000-0001-0000-000000000002\nnode.id=-7\n"
                        + "directory.id=00000000-0000-0003-0000-000000000004\nformatted=true\n",
                "version=1\ncluster.id=00000000-0000-0001-0000-000000000002\nnode.id=7\nx=y\n"
                        + "directory.id=00000000-0000-0003-0000-000000000004\nformatted=true\n",
            })
    void refusesAMetaPropertiesThatFormatDidNotWrite(String content) throws IOException {
        format();
        Files.writeString(directory.resolve("meta.properties"), content);

        assertThatThrownBy(() -> MetadataDirectory.open(directory, 7, null))
                .isInstanceOf(QuorumException.Corrupt.class)
                .hasMessageContaining("meta.properties");
    }

    private void format() {
        MetadataDirectory.format(directory, IDENTITY, (path, identity) -> {});
    }
}
