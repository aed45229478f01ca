// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.disk.Disk;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/// Whose a log directory is: the file `meta.properties` in it, written once, by `format`.
///
/// Text, one `key=value` a line, in this order: `version`, `cluster.id`, `node.id`, `directory.id`,
/// `crc32c` (hexadecimal, of all lines before it).
///
/// @param clusterId the cluster whose records it holds
/// @param nodeId the node that may use it, from 0
/// @param directoryId random; what the metadata knows the directory by (KIP-858), so a directory
///   that was wiped comes back as another one
public record DirectoryIdentity(UUID clusterId, int nodeId, UUID directoryId) {

    /// Name of the file.
    public static final String FILE = "meta.properties";

    private static final String VERSION = "1";
    private static final String CRC_KEY = "crc32c";
    private static final int FILE_BYTES_MAX = 4096;

    /// Refuses a negative node id.
    public DirectoryIdentity {
        if (nodeId < 0) {
            throw new IllegalArgumentException("nodeId " + nodeId + " < 0");
        }
    }

    /// What a directory says about itself.
    public sealed interface Found {

        /// It is formatted.
        ///
        /// @param identity what it says
        record Present(DirectoryIdentity identity) implements Found {}

        /// It was never formatted, or was wiped.
        record Missing() implements Found {}

        /// The file is not what was written.
        ///
        /// @param reason for the operator
        record Corrupt(String reason) implements Found {}

        /// It belongs to another cluster or node.
        ///
        /// @param identity what it says
        /// @param reason for the operator: expected and found
        record Foreign(DirectoryIdentity identity, String reason) implements Found {}
    }

    /// Gives a directory its identity. Durable on return.
    ///
    /// @param directory exists
    /// @throws IllegalStateException if it has one, whatever it says
    public void writeTo(Disk disk, Path directory) {
        if (disk.exists(directory.resolve(FILE))) {
            throw new IllegalStateException("already formatted: " + directory);
        }
        var lines =
                "version=%s\ncluster.id=%s\nnode.id=%d\ndirectory.id=%s\n"
                        .formatted(VERSION, clusterId, nodeId, directoryId);
        var text = lines + CRC_KEY + "=" + crc(lines) + "\n";
        CheckpointFile.replace(disk, directory, FILE, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Reads a directory's identity, whosever it is.
    public static Found read(Disk disk, Path directory) {
        return CheckpointFile.readBytes(disk, directory.resolve(FILE), FILE_BYTES_MAX)
                .map(bytes -> parse(new String(bytes, StandardCharsets.UTF_8)))
                .orElseGet(Found.Missing::new);
    }

    /// Reads a directory's identity and compares it with who asks.
    ///
    /// @param clusterId the asking node's cluster
    /// @param nodeId the asking node
    public static Found read(Disk disk, Path directory, UUID clusterId, int nodeId) {
        return switch (read(disk, directory)) {
            case Found.Present(var found) when !found.clusterId.equals(clusterId) ->
                    new Found.Foreign(
                            found,
                            directory
                                    + " belongs to cluster "
                                    + found.clusterId
                                    + ", this node to "
                                    + clusterId);
            case Found.Present(var found) when found.nodeId != nodeId ->
                    new Found.Foreign(
                            found,
                            directory + " belongs to node " + found.nodeId + ", this is " + nodeId);
            case Found.Present present -> present;
            case Found.Missing missing -> missing;
            case Found.Corrupt corrupt -> corrupt;
            case Found.Foreign foreign -> foreign;
        };
    }

    private static Found parse(String text) {
        var crcAt = text.indexOf(CRC_KEY + "=");
        if (text.length() > FILE_BYTES_MAX || crcAt < 0) {
            return new Found.Corrupt("no " + CRC_KEY + " line");
        }
        var lines = text.substring(0, crcAt);
        var expected = CRC_KEY + "=" + crc(lines) + "\n";
        if (!text.substring(crcAt).equals(expected)) {
            return new Found.Corrupt("the lines do not match their " + CRC_KEY);
        }
        return parse(values(lines));
    }

    private static Found parse(Map<String, String> values) {
        var version = values.getOrDefault("version", "");
        if (!version.equals(VERSION)) {
            return new Found.Corrupt("version " + version + ", this program reads " + VERSION);
        }
        try {
            return new Found.Present(
                    new DirectoryIdentity(
                            UUID.fromString(values.getOrDefault("cluster.id", "")),
                            Integer.parseInt(values.getOrDefault("node.id", "")),
                            UUID.fromString(values.getOrDefault("directory.id", ""))));
        } catch (IllegalArgumentException e) {
            return new Found.Corrupt("values: " + e.getMessage());
        }
    }

    private static Map<String, String> values(String lines) {
        var values = new LinkedHashMap<String, String>();
        lines.lines()
                .forEach(
                        line -> {
                            var equals = line.indexOf('=');
                            if (equals > 0) {
                                values.put(line.substring(0, equals), line.substring(equals + 1));
                            }
                        });
        return values;
    }

    private static String crc(String lines) {
        var crc = new CRC32C();
        crc.update(lines.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }
}
