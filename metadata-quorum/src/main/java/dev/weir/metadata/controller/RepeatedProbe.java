// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.record.Endpoint;

/// A probe that is not content with one connection that was taken.
///
/// A killed process closes its sockets one after the other: its listener may take a connection when
/// the stream that broke is gone already. One such answer would cost a whole session timeout.
public final class RepeatedProbe implements BrokerProbe {

    private static final int ATTEMPTS_MAX = 25;
    private static final long PAUSE_MS = 40;

    private final BrokerProbe once;

    /// @param once is asked up to 25 times, every 40 ms
    public RepeatedProbe(BrokerProbe once) {
        this.once = once;
    }

    @Override
    public boolean isRefused(Endpoint endpoint) {
        for (var attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            if (once.isRefused(endpoint)) {
                return true;
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }
}
