// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.identity;

import dev.weir.metadata.QuorumException;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.UUID;

/// The file `meta.properties`: who a directory belongs to, as `key=value` lines.
///
/// | key            | value                                              |
/// |----------------|----------------------------------------------------|
/// | `version`      | `1`                                                |
/// | `cluster.id`   | UUID                                               |
/// | `node.id`      | decimal, at least 1                                |
/// | `directory.id` | UUID                                               |
/// | `formatted`    | `true`; written last, so that its presence proves the rest |
///
/// Unknown keys are refused: a newer version may mean something by them.
final class MetaProperties {

    static final String FILE_NAME = "meta.properties";

    private static final String VERSION = "1";
    private static final long FILE_BYTES_MAX = 4096;
    private static final int KEY_COUNT = 5;

    private MetaProperties() {}

    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(FILE_NAME));
    }

    /// Durable on return.
    static void write(Path directory, DirectoryIdentity identity) {
        var text =
                "version="
                        + VERSION
                        + "\ncluster.id="
                        + identity.clusterId()
                        + "\nnode.id="
                        + identity.nodeId()
                        + "\ndirectory.id="
                        + identity.directoryId()
                        + "\nformatted=true\n";
        AtomicFile.write(directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
    }

    /// @throws QuorumException.NotFormatted there is no such file
    /// @throws QuorumException.Corrupt it is not what [#write] wrote
    static DirectoryIdentity read(Path directory) {
        var file = directory.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            throw new QuorumException.NotFormatted(directory);
        }
        var properties = load(file);
        expect(file, properties, "version", VERSION);
        expect(file, properties, "formatted", "true");
        if (properties.size() != KEY_COUNT) {
            throw new QuorumException.Corrupt(file, "unknown or missing keys");
        }
        try {
            return new DirectoryIdentity(
                    UUID.fromString(value(file, properties, "cluster.id")),
                    Integer.parseInt(value(file, properties, "node.id")),
                    UUID.fromString(value(file, properties, "directory.id")));
        } catch (IllegalArgumentException e) {
            throw new QuorumException.Corrupt(file, String.valueOf(e.getMessage()));
        }
    }

    private static Properties load(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new QuorumException.Corrupt(file, "larger than " + FILE_BYTES_MAX);
            }
            var properties = new Properties();
            properties.load(new StringReader(Files.readString(file)));
            return properties;
        } catch (IOException | IllegalArgumentException e) {
            throw new QuorumException.Io(file, "read", e);
        }
    }

    private static void expect(Path file, Properties properties, String key, String expected) {
        var actual = value(file, properties, key);
        if (!actual.equals(expected)) {
            throw new QuorumException.Corrupt(file, key + " is not " + expected);
        }
    }

    private static String value(Path file, Properties properties, String key) {
        var value = properties.getProperty(key);
        if (value == null) {
            throw new QuorumException.Corrupt(file, key + " is missing");
        }
        return value;
    }
}
