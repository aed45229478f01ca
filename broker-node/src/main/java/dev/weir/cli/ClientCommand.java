// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.config.HostPort;
import dev.weir.client.ClientException;
import dev.weir.client.ConnectionConfig;
import dev.weir.client.LeaderRouting;
import dev.weir.client.WeirClient;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A command that is a client of a cluster: where it connects, what form its answer has.
@Command(mixinStandardHelpOptions = true)
abstract class ClientCommand implements Callable<Integer> {

    /// How long a command waits for a node to be there at all: a person waits too.
    private static final long REACH_MS = 5_000;

    private static final int CONNECT_MS = 1_000;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /// Form of an answer.
    enum Output {
        /// For people.
        TEXT,
        /// For scripts; one line, the last on standard output.
        JSON
    }

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT[,..]",
            defaultValue = "${env:WEIR_BOOTSTRAP:-" + ConnectionConfig.DEFAULT_BOOTSTRAP + "}",
            description =
                    "A node's address, or several; one is enough. Default: $$WEIR_BOOTSTRAP, else"
                            + " 127.0.0.1:9400.")
    private String bootstrap = ConnectionConfig.DEFAULT_BOOTSTRAP;

    @Option(
            names = "--via-bootstrap",
            description =
                    "Connect to the --bootstrap addresses only; nodes forward to leaders. For"
                            + " networks where the addresses that nodes advertise cannot be"
                            + " reached.")
    private boolean viaBootstrap;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the answer. Default: ${DEFAULT-VALUE}.")
    private Output output = Output.TEXT;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /// Does the work.
    ///
    /// @param client closed by the caller
    abstract void run(WeirClient client) throws Exception;

    @Override
    public final Integer call() throws Exception {
        var connection = connection();
        awaitListener(connection);
        try (var client = WeirClient.connect(connection)) {
            run(client);
        } catch (ClientException.Unreachable e) {
            throw unreachable(e);
        } catch (ClientException.Refused e) {
            throw new CommandFailure(describe(e), e);
        } finally {
            out().flush();
        }
        return 0;
    }

    /// Comes back when something listens at one of the addresses: a client would go on trying for
    /// longer than a person who mistyped the port wants to wait.
    private void awaitListener(ConnectionConfig connection) {
        var deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REACH_MS);
        while (true) {
            IOException failure = null;
            for (var address : connection.bootstrap()) {
                var hostPort = HostPort.parse(address);
                try (var socket = new Socket()) {
                    socket.connect(hostPort.toSocketAddress(), CONNECT_MS);
                    return;
                } catch (IOException e) {
                    failure = e;
                }
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw unreachable(failure);
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }

    private CommandFailure unreachable(@Nullable Exception e) {
        return new CommandFailure(
                "no node answers at "
                        + bootstrap
                        + ": start one with 'weir dev', or name another with --bootstrap",
                e);
    }

    /// The topic that the command is about; null for none.
    @Nullable String topicName() {
        return null;
    }

    /// What to do when the topic is not there.
    String cureOfNoTopic(String topic) {
        return "make it with 'weir topic create %s'".formatted(topic);
    }

    private String describe(ClientException.Refused e) {
        var topic = topicName();
        if (topic != null && e.reason().equals("UNKNOWN_TOPIC_OR_PARTITION")) {
            return "there is no topic %s: %s".formatted(topic, cureOfNoTopic(topic));
        }
        var cure =
                switch (e.reason()) {
                    case "TOPIC_EXISTS" -> ": choose another name, or use the one there is";
                    case "UNKNOWN_VOTER" -> ": 'weir cluster quorum' shows those there are";
                    case "UNKNOWN_BROKER" -> ": 'weir cluster describe' shows those there are";
                    case "VOTER_EXISTS" ->
                            ": remove that voter first with 'weir cluster remove-voter'";
                    case "QUORUM_AT_RISK" -> ": bring voters back, or add one, first";
                    case "VOTER_NOT_READY" ->
                            ": start its node, and pass the line that it logs while it waits";
                    case "BROKER_IN_USE" ->
                            ": stop it for good; replicas cannot be moved yet: delete the topics,"
                                    + " or keep the node id and replace the machine";
                    case "INVALID_CONFIG" -> ": docs/configuration.md lists the keys";
                    default -> "";
                };
        return e.getMessage() + " (" + e.reason() + ")" + cure;
    }

    private ConnectionConfig connection() {
        try {
            return ConnectionConfig.of(bootstrap)
                    .withRouting(viaBootstrap ? LeaderRouting.VIA_BOOTSTRAP : LeaderRouting.DIRECT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("--bootstrap: " + e.getMessage() + ": use HOST:PORT", e);
        }
    }

    final boolean wantsJson() {
        return output == Output.JSON;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
