// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/// Registers this process as its node's broker: asks the active controller which registration is
/// current, and replaces exactly that one.
///
/// **Threading:** the starting thread, which waits.
public final class BrokerRegistrar {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerRegistrar.class);
    private static final Duration ATTEMPT = Duration.ofSeconds(5);
    private static final long PAUSE_MS = 50;

    private final ControllerGateway gateway;
    private final Duration patience;

    /// A registration that counts.
    ///
    /// @param number its number
    /// @param metadataOffset no image below it may be acted on
    public record Registration(long number, long metadataOffset) {}

    /// The registration is not possible; the message is one line with the cure.
    public static final class RegistrationException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /// @param message one line, cause and cure
        public RegistrationException(String message) {
            super(message);
        }
    }

    /// @param patience how long to try while no controller answers
    public BrokerRegistrar(ControllerGateway gateway, Duration patience) {
        this.gateway = gateway;
        this.patience = patience;
    }

    /// Registers; returns once that is committed and applied.
    ///
    /// @param template the registration; the number it replaces is filled in here
    /// @throws RegistrationException when it is refused, or no controller answers in time
    public Registration register(ControllerCommand.RegisterBroker template) {
        long giveUpAt = System.nanoTime() + patience.toNanos();
        var last = "no answer";
        while (System.nanoTime() < giveUpAt) {
            var asked = submit(new ControllerCommand.AskRegistration(template.nodeId()));
            if (asked
                    instanceof
                    GatewayOutcome.Committed(CommandResult.CurrentRegistration(var number), _)) {
                var outcome = submit(replacing(template, number));
                if (outcome
                        instanceof
                        GatewayOutcome.Committed(
                                CommandResult.Registered(var registered),
                                var offset)) {
                    return new Registration(registered, offset);
                }
                last = explain(outcome);
            } else {
                last = explain(asked);
            }
            LOG.debug("not registered yet: {}", last);
            pause();
        }
        throw new RegistrationException(
                "the controller did not register this node within "
                        + patience.toSeconds()
                        + " s: "
                        + last);
    }

    private GatewayOutcome submit(ControllerCommand command) {
        try {
            return gateway.submit(command, ATTEMPT).toCompletableFuture().join();
        } catch (CompletionException | CancellationException closed) {
            return new GatewayOutcome.Unknown(String.valueOf(closed.getMessage()));
        }
    }

    private static String explain(GatewayOutcome outcome) {
        return switch (outcome) {
            case GatewayOutcome.Committed(var result, _) -> "unexpected answer " + result;
            case GatewayOutcome.Refused(var refusal, _) -> {
                if (isFinal(refusal.code())) {
                    throw new RegistrationException(
                            "the controller refused this node: " + refusal.message());
                }
                yield refusal.message();
            }
            case GatewayOutcome.NotController(_) -> "no active controller yet";
            case GatewayOutcome.Unknown(var reason) -> reason;
        };
    }

    private static boolean isFinal(Refusal.Code code) {
        return code != Refusal.Code.STALE_REGISTRATION && code != Refusal.Code.BUSY;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistrationException("interrupted while registering");
        }
    }

    private static ControllerCommand.RegisterBroker replacing(
            ControllerCommand.RegisterBroker template, long number) {
        return new ControllerCommand.RegisterBroker(
                template.nodeId(),
                template.incarnation(),
                number,
                template.clientEndpoint(),
                template.internalEndpoint(),
                template.rack(),
                template.directories(),
                template.weirVersionMin(),
                template.weirVersionMax(),
                template.isSameBoot());
    }
}
