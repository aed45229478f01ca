// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;

import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Tells the controller that this broker lives, and how old its oldest unfinished work is.
///
/// The first beat unfences the broker; silence, or [#close], fences it.
///
/// **Threading:** one timer thread of its own.
public final class BrokerHeartbeat implements AutoCloseable {

    private final BrokerSession session;
    private final ScheduledExecutorService timer;

    private BrokerHeartbeat(BrokerSession session, ScheduledExecutorService timer) {
        this.session = session;
        this.timer = timer;
    }

    /// Opens the session and beats from now on.
    ///
    /// @param incarnation of this process, as registered
    /// @param metadataOffset offset of the image that the broker acts on
    /// @param oldestWorkMs age of the oldest unfinished flush or turn; 0 if there is none
    public static BrokerHeartbeat start(
            ControllerGateway gateway,
            Beat beat,
            UUID incarnation,
            LongSupplier metadataOffset,
            LongSupplier oldestWorkMs) {
        var session = gateway.openSession(beat.nodeId(), incarnation);
        var timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            var thread = new Thread(task, "weir-heartbeat");
                            thread.setDaemon(true);
                            return thread;
                        });
        var _ =
                timer.scheduleAtFixedRate(
                        () ->
                                session.heartbeat(
                                        metadataOffset.getAsLong(), oldestWorkMs.getAsLong()),
                        0,
                        beat.intervalMs(),
                        TimeUnit.MILLISECONDS);
        return new BrokerHeartbeat(session, timer);
    }

    /// Who beats, and how often.
    ///
    /// @param nodeId the broker
    /// @param intervalMs between two beats
    public record Beat(int nodeId, long intervalMs) {}

    /// Ends the session: the controller fences the broker at once.
    @Override
    public void close() {
        timer.shutdownNow();
        session.close();
    }
}
