// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.broker.threads.NamedThreads;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/// The way to the active controller, wherever it is: on this node while it leads, else on the node
/// that is believed to.
///
/// **Threading:** any thread; one timer thread of its own repeats and reconnects.
///
/// **Bound:** [#COMMANDS_MAX] commands under way; more are refused as busy.
public final class RemoteControllerGateway implements ControllerGateway, AutoCloseable {

    /// Commands under way at a time.
    static final int COMMANDS_MAX = 8_192;

    private final ControllerAccess access;
    private final ScheduledThreadPoolExecutor timer;
    private final AtomicInteger underWay = new AtomicInteger();
    private final CopyOnWriteArrayList<RemoteSession> sessions = new CopyOnWriteArrayList<>();

    /// @param access how controllers are reached
    public RemoteControllerGateway(ControllerAccess access) {
        this.access = access;
        this.timer = new ScheduledThreadPoolExecutor(1, new NamedThreads("controller-way"));
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
        if (underWay.incrementAndGet() > COMMANDS_MAX) {
            underWay.decrementAndGet();
            return CompletableFuture.completedStage(
                    new GatewayOutcome.Refused(
                            new Refusal(
                                    Refusal.Code.BUSY,
                                    "too many commands are on their way from this node"),
                            0));
        }
        var submission = new Submission(access, timer, command, timeout);
        var answer = submission.start();
        return answer.whenComplete((_, _) -> underWay.decrementAndGet());
    }

    @Override
    public BrokerSession openSession(int nodeId, UUID incarnation) {
        var session = new RemoteSession(access, timer, nodeId, incarnation, sessions::remove);
        sessions.add(session);
        session.start();
        return session;
    }

    /// The leader may be another one: a new controller activated, or the leader of the quorum
    /// changed. Sessions move at once. Any thread, also the one that applies metadata.
    public void leaderMayHaveChanged() {
        sessions.forEach(RemoteSession::look);
    }

    /// Ends all sessions; commands under way hear [GatewayOutcome.Unknown]. Idempotent.
    @Override
    public void close() {
        sessions.forEach(RemoteSession::close);
        timer.shutdown();
    }
}
