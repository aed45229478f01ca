// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.lifecycle.core.BrokerLifecycle;
import dev.weir.broker.lifecycle.core.LifecycleSettings;
import dev.weir.broker.storage.NoPartitions;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.Endpoint;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

class ClusterMembershipTest {

    private static final UUID PROCESS = new UUID(1, 1);

    @Test
    void anErrorOfTheProcessEndsTheMembershipAsABrokenInvariantDoes() {
        try (var membership =
                new ClusterMembership(
                        new BrokerLifecycle(LifecycleSettings.DEFAULT, registration()),
                        new ClusterMembership.Node(
                                1,
                                PROCESS,
                                new OutOfMemory(),
                                new NoPartitions(),
                                () -> 0,
                                () -> 0,
                                _ -> {},
                                () -> "no quorum",
                                _ -> {}))) {
            membership.start(new ControllerRequests());

            assertThatThrownBy(() -> membership.live().get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(RegistrationException.class)
                    .hasMessageContaining("no memory for a call");
        }
    }

    private static ControllerCommand.RegisterBroker registration() {
        return new ControllerCommand.RegisterBroker(
                1,
                PROCESS,
                0,
                new Endpoint("a", 1),
                new Endpoint("a", 2),
                Optional.empty(),
                List.of(new UUID(2, 1)),
                1,
                1,
                true,
                List.of());
    }

    private static final class OutOfMemory implements ControllerGateway {
        @Override
        public CompletionStage<GatewayOutcome> submit(ControllerCommand command, Duration timeout) {
            throw new OutOfMemoryError("no memory for a call");
        }

        @Override
        public BrokerSession openSession(int nodeId, UUID incarnation) {
            throw new UnsupportedOperationException();
        }
    }
}
