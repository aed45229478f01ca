// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.image.ClusterImage;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Node 1 looks for the controller, which is on node 2 or 3, or here.
class RemoteControllerGatewayTest {

    private static final UUID PROCESS = new UUID(1, 1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ControllerCommand QUESTION = new ControllerCommand.AskRegistration(1);
    private static final ControllerCommand ACT = new ControllerCommand.UnregisterBroker(9);

    private final ScriptedController local = new ScriptedController();
    private final Map<Integer, ScriptedController> remotes = new TreeMap<>();
    private final Map<Integer, OptionalInt> beliefs = new ConcurrentHashMap<>();
    private final Map<Integer, Server> servers = new TreeMap<>();
    private final Map<Integer, ManagedChannel> channels = new TreeMap<>();
    private RemoteControllerGateway gateway;

    @BeforeEach
    void start() throws IOException {
        for (int id = 2; id <= 3; id++) {
            int nodeId = id;
            remotes.put(nodeId, new ScriptedController());
            var service = new ControllerService(nodeId, remotes.get(nodeId), () -> belief(nodeId));
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            var server = NettyServerBuilder.forAddress(address).addService(service).build();
            servers.put(nodeId, server.start());
            channels.put(
                    nodeId,
                    NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                            .usePlaintext()
                            .build());
        }
        gateway =
                new RemoteControllerGateway(
                        new ControllerAccess(
                                1,
                                local,
                                () -> belief(1),
                                channels::get,
                                _ -> CompletableFuture.completedStage(ClusterImage.EMPTY)));
    }

    @AfterEach
    void stop() {
        gateway.close();
        channels.values().forEach(ManagedChannel::shutdownNow);
        servers.values().forEach(Server::shutdownNow);
    }

    @Test
    void asksTheNodeThatLeads() {
        lead(2);

        assertThat(submit(ACT, PATIENCE)).isInstanceOf(GatewayOutcome.Committed.class);

        assertThat(controller(2).commands).containsExactly(ACT);
        assertThat(local.commands).isEmpty();
    }

    @Test
    void asksItselfWhileItLeads() {
        lead(1);

        assertThat(submit(ACT, PATIENCE)).isInstanceOf(GatewayOutcome.Committed.class);

        assertThat(local.commands).containsExactly(ACT);
    }

    @Test
    void followsTheHintOfANodeThatDoesNotLead() {
        lead(3);
        beliefs.put(1, OptionalInt.of(2));

        assertThat(submit(ACT, PATIENCE)).isInstanceOf(GatewayOutcome.Committed.class);

        assertThat(controller(3).commands).containsExactly(ACT);
    }

    @Test
    void waitsForALeaderWithinItsTime() {
        var answer = gateway.submit(ACT, PATIENCE).toCompletableFuture();

        lead(3);

        assertThat(answer.join()).isInstanceOf(GatewayOutcome.Committed.class);
    }

    @Test
    void saysThatNothingChangedWhenNobodyLedInTime() {
        assertThat(submit(ACT, Duration.ofMillis(200)))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    @Test
    void knowsThatACallThatNeverReachedANodeChangedNothing() {
        lead(2);
        servers.get(2).shutdownNow();

        assertThat(submit(ACT, Duration.ofMillis(300)))
                .isInstanceOf(GatewayOutcome.NotController.class);
    }

    @Test
    void doesNotRepeatWhatMayHaveBeenCarriedOut() {
        lead(2);
        controller(2).isMute = true;
        var answer = gateway.submit(ACT, PATIENCE).toCompletableFuture();
        await(() -> controller(2).commands.size() == 1);

        lead(3);
        servers.get(2).shutdownNow();

        assertThat(answer.join()).isInstanceOf(GatewayOutcome.Unknown.class);
        assertThat(controller(3).commands).isEmpty();
    }

    @Test
    void repeatsAQuestionElsewhere() {
        lead(2);
        controller(2).isMute = true;
        var answer = gateway.submit(QUESTION, PATIENCE).toCompletableFuture();
        await(() -> controller(2).commands.size() == 1);

        lead(3);
        servers.get(2).shutdownNow();

        assertThat(answer.join()).isInstanceOf(GatewayOutcome.Committed.class);
        assertThat(controller(3).commands).containsExactly(QUESTION);
    }

    @Test
    void keepsASessionUpToWhicheverNodeLeads() {
        lead(2);
        try (var session = gateway.openSession(1, PROCESS)) {
            await(() -> controller(2).sessions.get() == 1);
            session.heartbeat(1, 0);
            await(() -> controller(2).beats.get() >= 1);

            // A new leader, whose activation this node's image shows.
            lead(3);
            gateway.leaderMayHaveChanged();
            await(() -> controller(3).sessions.get() == 1 && controller(2).sessions.get() == 0);

            // A leader that dies: the stream breaks, and the next one is found without a sign.
            servers.get(3).shutdownNow();
            await(() -> controller(3).sessions.get() == 0);
            lead(2);
            await(() -> controller(2).sessions.get() == 1);

            // This node itself: the local session was there all the time.
            lead(1);
            gateway.leaderMayHaveChanged();
            await(() -> controller(2).sessions.get() == 0);
            assertThat(local.sessions).hasValue(1);
        }
        await(() -> local.sessions.get() == 0);
    }

    @Test
    void aNodeThatStoppedLeadingEndsTheStreamAndNamesWhoFollowsIt() {
        lead(2);
        try (var session = gateway.openSession(1, PROCESS)) {
            await(() -> controller(2).sessions.get() == 1);

            // This node has not heard of it; the old leader has.
            beliefs.put(1, OptionalInt.empty());
            beliefs.put(2, OptionalInt.of(3));
            beliefs.put(3, OptionalInt.of(3));
            controller(3).isActive = true;
            session.heartbeat(2, 0);

            await(() -> controller(3).sessions.get() == 1);
            assertThat(controller(2).sessions).hasValue(0);
        }
        await(() -> controller(3).sessions.get() == 0);
    }

    private void lead(int leader) {
        local.isActive = leader == 1;
        remotes.forEach((id, remote) -> remote.isActive = id == leader);
        for (int id = 1; id <= 3; id++) {
            beliefs.put(id, OptionalInt.of(leader));
        }
    }

    private OptionalInt belief(int nodeId) {
        return beliefs.getOrDefault(nodeId, OptionalInt.empty());
    }

    private ScriptedController controller(int nodeId) {
        return remotes.get(nodeId);
    }

    private GatewayOutcome submit(ControllerCommand command, Duration timeout) {
        return gateway.submit(command, timeout).toCompletableFuture().join();
    }

    private static void await(BooleanSupplier condition) {
        long giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(giveUpNs);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
