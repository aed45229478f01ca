// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.record.Endpoint;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

class RepeatedProbeTest {

    private static final Endpoint ENDPOINT = new Endpoint("127.0.0.1", 9402);

    @Test
    void aListenerThatIsTheLastToGoIsSeenToGo() {
        var asked = new AtomicInteger();
        var probe = new RepeatedProbe(endpoint -> asked.incrementAndGet() == 3);

        assertThat(probe.isRefused(ENDPOINT)).isTrue();
        assertThat(asked).hasValue(3);
    }

    @Test
    void aListenerThatStaysIsNoProof() {
        var asked = new AtomicInteger();
        var probe =
                new RepeatedProbe(
                        endpoint -> {
                            asked.incrementAndGet();
                            return false;
                        });

        assertThat(probe.isRefused(ENDPOINT)).isFalse();
        assertThat(asked).hasValueGreaterThan(1);
    }
}
