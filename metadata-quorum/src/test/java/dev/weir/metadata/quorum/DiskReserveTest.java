// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.QuorumException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DiskReserveTest {

    private static final long WATERMARK = (1 << 20) + 5;

    @TempDir private Path directory;

    private long usable = 10 * WATERMARK;

    @Test
    void takesAsMuchAsTheWatermark() throws IOException {
        var reserve = DiskReserve.take(directory, WATERMARK, () -> usable);

        assertThat(Files.size(directory.resolve("ballast"))).isEqualTo(WATERMARK);
        assertThat(reserve.isExhausted()).isFalse();
    }

    @Test
    void givesTheBallastBackBelowTheWatermark() {
        var reserve = DiskReserve.take(directory, WATERMARK, () -> usable);

        usable = WATERMARK - 1;

        assertThat(reserve.isExhausted()).isTrue();
        assertThat(directory.resolve("ballast")).doesNotExist();
    }

    @Test
    void refusesToStartWhereReserveAndWatermarkDoNotFit() {
        usable = 2 * WATERMARK - 1;

        assertThatThrownBy(() -> DiskReserve.take(directory, WATERMARK, () -> usable))
                .isInstanceOf(QuorumException.Io.class)
                .hasMessageContaining("disk nearly full");
    }

    @Test
    void keepsABallastThatIsThere() {
        DiskReserve.take(directory, WATERMARK, () -> usable);
        usable = WATERMARK;

        assertThat(DiskReserve.take(directory, WATERMARK, () -> usable).isExhausted()).isFalse();
    }

    @Test
    void canBeSwitchedOff() {
        usable = 0;

        assertThat(DiskReserve.take(directory, 0, () -> usable).isExhausted()).isFalse();
        assertThat(directory.resolve("ballast")).doesNotExist();
    }
}
