// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

class ServerStopTest {

    @Test
    void aServerThatNeverEndsIsLeftAfterTheTime() {
        var never = new CountDownLatch(1);

        var isDown =
                ServerStop.stop(
                        () -> {
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        },
                        Duration.ofMillis(20));

        assertThat(isDown).isFalse();
        never.countDown();
    }

    @Test
    void aServerThatFailsToCloseIsDown() {
        var isDown =
                ServerStop.stop(
                        () -> {
                            throw new IOException("the disk is gone");
                        },
                        Duration.ofMinutes(1));

        assertThat(isDown).isTrue();
    }
}
