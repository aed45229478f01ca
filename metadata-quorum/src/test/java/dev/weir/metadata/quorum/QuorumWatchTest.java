// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.identity.MetadataDirectory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

class QuorumWatchTest {

    private static final long WATERMARK = 1 << 20;
    private static final long NEVER_MS = 3_600_000;

    @TempDir private Path temporary;

    private final RecordedHalts halts = new RecordedHalts();
    private final RecordingListener listener = new RecordingListener();
    private final AtomicLong usable = new AtomicLong(10 * WATERMARK);
    private MetadataDirectory held;
    private RatisMetadataLog log;
    private DiskReserve reserve;

    @BeforeEach
    void leads() {
        var directory = temporary.resolve("quorum");
        MetadataQuorum.format(directory, UUID.randomUUID(), RunningNode.NODE);
        held = MetadataDirectory.open(directory, RunningNode.NODE, null);
        reserve = DiskReserve.take(directory, WATERMARK, usable::get);
        log = RatisMetadataLog.start(RunningNode.config(directory), held, listener, halts);
        Await.until("leader", listener::isReady);
    }

    @AfterEach
    void closes() {
        log.close();
        held.close();
    }

    @Test
    void haltsWhenTheDiskIsNearlyFull() {
        try (var watch = QuorumWatch.start(log, reserve, NEVER_MS, halts)) {
            assertThat(halts.reasons()).isEmpty();

            usable.set(WATERMARK - 1);

            Await.until("halted", () -> !halts.reasons().isEmpty());
            assertThat(watch).isNotNull();
        }
        assertThat(halts.reasons().getFirst()).contains("nearly full");
        assertThat(held.path().resolve("ballast")).doesNotExist();
    }

    @Test
    void haltsWhenTheLibraryHasStoppedInsideALivingProcess() {
        try (var watch = QuorumWatch.start(log, reserve, NEVER_MS, halts)) {
            log.propose(RecordingListener.bytes("boom"));

            Await.until(
                    "halted by the watch",
                    () -> halts.reasons().stream().anyMatch(r -> r.contains("stopped working")));
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void snapshotsByTime() {
        log.propose(RecordingListener.bytes("a"));

        try (var watch = QuorumWatch.start(log, reserve, 50, halts)) {
            Await.until("snapshotted", () -> listener.events().contains("snapshot"));
            assertThat(watch).isNotNull();
        }
        assertThat(halts.reasons()).isEmpty();
    }
}
