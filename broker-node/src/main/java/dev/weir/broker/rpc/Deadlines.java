// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Context;

import java.util.concurrent.TimeUnit;

/// What is left of callers' time. Stateless.
final class Deadlines {

    private Deadlines() {}

    /// How long the current call may take: a little less than until its caller gives up, so that he
    /// hears why, and at most this long.
    static long currentMs(long mostMs) {
        var deadline = Context.current().getDeadline();
        return deadline == null
                ? mostMs
                : Math.min(mostMs, deadline.timeRemaining(TimeUnit.MILLISECONDS) * 9 / 10);
    }
}
