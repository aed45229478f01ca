// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.disk.Disk;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;

class CheckpointFileTest {

    private static final Path HOME = Path.of("/log");
    private static final int RANDOM_CRASHES = 40;

    private final SimulatedDisk disk = new SimulatedDisk();

    @BeforeEach
    void makeHome() {
        disk.createDirectories(HOME);
        disk.syncDirectory(Path.of("/"));
    }

    @Test
    void readsBackWhatItWroteLast() {
        var file = file(disk, 1);
        assertThat(file.read()).isEqualTo(new CheckpointFile.Content.Missing());
        file.write(bytes("one"));
        file.write(bytes("two"));

        assertThat(text(file.read())).isEqualTo("two");
        assertThat(disk.list(HOME)).containsExactly(file.path());
    }

    @Test
    void isOldOrNewAfterACrashAtAnyOperationAndNewOnceWriteReturned() {
        file(disk, 1).write(bytes("old".repeat(700)));
        var seen = new HashSet<String>();
        var last = new String[1];
        disk.observe(
                _ -> {
                    for (var seed = 0; seed < RANDOM_CRASHES; seed++) {
                        var content = file(disk.crashed(CrashPolicy.random(seed)), 1).read();
                        seen.add(text(content).substring(0, 3));
                    }
                    last[0] = text(file(disk.crashed(CrashPolicy.none()), 1).read());
                });
        file(disk, 1).write(bytes("new".repeat(700)));

        assertThat(seen).containsExactlyInAnyOrder("old", "new");
        assertThat(last[0]).startsWith("new");
    }

    @Test
    void isWrittenOverWhatACrashLeftBehind() {
        try (var rubbish = disk.create(HOME.resolve("f" + CheckpointFile.TMP_SUFFIX))) {
            rubbish.write(0, ByteBuffer.allocate(5000));
        }
        file(disk, 1).write(bytes("x"));

        assertThat(text(file(disk, 1).read())).isEqualTo("x");
    }

    @Test
    void findsEveryChangedOrMissingByte() {
        var file = file(disk, 1);
        file.write(bytes("payload"));
        var frame = Frame.encode("TEST", 1, bytes("payload"));
        for (var at = 0; at < frame.length; at++) {
            var damaged = frame.clone();
            damaged[at] ^= 1;
            overwrite(damaged);
            assertThat(file.read())
                    .as("byte %d", at)
                    .isInstanceOf(CheckpointFile.Content.Corrupt.class);
        }
    }

    @Test
    void saysWhenANewerProgramWroteIt() {
        file(disk, 2).write(bytes("x"));

        assertThat(file(disk, 1).read())
                .isInstanceOfSatisfying(
                        CheckpointFile.Content.Corrupt.class,
                        corrupt -> assertThat(corrupt.reason()).contains("newer version"));
        assertThat(file(disk, 3).read()).isInstanceOf(CheckpointFile.Content.Present.class);
    }

    @Test
    void refusesAFileOfAnotherKind() {
        new CheckpointFile(disk, HOME, "f", "ELSE", 1).write(bytes("x"));

        assertThat(file(disk, 1).read()).isInstanceOf(CheckpointFile.Content.Corrupt.class);
    }

    @Test
    void deletesDurably() {
        var file = file(disk, 1);
        file.write(bytes("x"));
        file.delete();
        file.delete();

        assertThat(file(disk.crashed(CrashPolicy.none()), 1).read())
                .isEqualTo(new CheckpointFile.Content.Missing());
    }

    private void overwrite(byte[] bytes) {
        try (var file = disk.open(HOME.resolve("f"))) {
            file.write(0, ByteBuffer.wrap(bytes));
        }
    }

    private static CheckpointFile file(Disk disk, int version) {
        return new CheckpointFile(disk, HOME, "f", "TEST", version);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(CheckpointFile.Content content) {
        return content instanceof CheckpointFile.Content.Present present
                ? StandardCharsets.UTF_8.decode(present.payload()).toString()
                : content.toString();
    }
}
