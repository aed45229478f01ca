// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// One node's controller: decides while it is told that it leads, and remembers what it heard.
final class ScriptedController implements ControllerGateway {

    final List<ControllerCommand> commands = new CopyOnWriteArrayList<>();
    final AtomicInteger sessions = new AtomicInteger();
    final AtomicInteger beats = new AtomicInteger();
    volatile boolean isActive;
    volatile boolean isMute;

    @Override
    public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
        if (!isActive) {
            return CompletableFuture.completedStage(
                    new GatewayOutcome.NotController(OptionalInt.empty()));
        }
        commands.add(command);
        return isMute
                ? new CompletableFuture<>()
                : CompletableFuture.completedStage(
                        new GatewayOutcome.Committed(new CommandResult.Done(), 0));
    }

    @Override
    public BrokerSession openSession(int nodeId, UUID incarnation) {
        sessions.incrementAndGet();
        return new BrokerSession() {
            private boolean isClosed;

            @Override
            public void heartbeat(long metadataOffset, long oldestWorkMs) {
                beats.incrementAndGet();
            }

            @Override
            public void close() {
                if (!isClosed) {
                    isClosed = true;
                    sessions.decrementAndGet();
                }
            }
        };
    }
}
