// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.log.LogConfig;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogDirectoryConfig;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.RealDisk;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatchBuilder;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

class LogCommandTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(3, 4), 0);

    @TempDir Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path segment;

    /// Two batches of two records, the second cut off again.
    @BeforeEach
    void fill() {
        var data = directory.resolve("data");
        var disk = new RealDisk();
        disk.createDirectories(data);
        new DirectoryIdentity(new UUID(5, 5), 1, new UUID(7, 7)).writeTo(disk, data);
        try (var open = LogDirectory.open(disk, data, LogDirectoryConfig.DEFAULT, Runnable::run)) {
            var log = PartitionLog.open(open, PARTITION, new LogConfig(1 << 20, 1 << 20, 4096), 0);
            append(log);
            append(log);
            log.truncateTo(2);
            segment = log.segments().getFirst().file();
            log.close();
        }
    }

    private static void append(PartitionLog log) {
        var builder = new RecordBatchBuilder(Compression.NONE, 1024);
        builder.tryAppend(1, (byte[]) null, "one".getBytes(UTF_8), List.of());
        builder.tryAppend(2, (byte[]) null, "two".getBytes(UTF_8), List.of());
        log.append(builder.build(), 0, 0);
    }

    private int run(String... args) {
        return Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void dumpsWhatBelongsToTheLogAndItsRecordsIfAsked() {
        assertThat(run("log", "dump", directory.toString(), "--output", "json")).isZero();
        assertThat(out.toString().lines())
                .singleElement()
                .asString()
                .contains("\"baseOffset\":0,\"lastOffset\":1,\"records\":2");

        assertThat(run("log", "dump", directory.toString(), "--records")).isZero();
        assertThat(out.toString())
                .contains("ended at 2", "offsets 0 to 1: 2 record(s)", "\"value\":\"two\"")
                .contains("bytes above the end");
    }

    @Test
    void verifiesALogWithACutTail() {
        assertThat(run("log", "verify", segment.toString())).isZero();

        assertThat(out.toString()).contains("1 segment(s), 1 batch(es), 2 record(s), 0 problem(s)");
    }

    @Test
    void reportsAFlippedBitAndWhereItIs() throws IOException {
        var bytes = Files.readAllBytes(segment);
        bytes[65] ^= 1;
        Files.write(segment, bytes);

        assertThat(run("log", "verify", directory.toString())).isEqualTo(1);

        assertThat(out.toString()).contains(segment + ": at byte 0: crc", "1 problem(s)");
    }

    @Test
    void saysInOneLineWhatItCannotRead() throws IOException {
        var other = Files.writeString(directory.resolve("notes.txt"), "x");
        var empty = Files.createDirectory(directory.resolve("empty"));

        for (var path : List.of(other, empty, directory.resolve("nothing"))) {
            assertThat(run("log", "verify", path.toString())).isEqualTo(1);
        }

        assertThat(err.toString().lines()).hasSize(3).allMatch(line -> line.startsWith("error: "));
    }
}
