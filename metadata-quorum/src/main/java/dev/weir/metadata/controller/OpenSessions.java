// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.controller.core.ControllerEvent;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Heartbeat streams that end in this process.
///
/// **Threading:** the list belongs to the controller's thread; the sessions handed out may be used
/// by any thread, which only enqueues.
final class OpenSessions {

    private final Consumer<Runnable> mailbox;
    private final Consumer<ControllerEvent> controller;
    private final List<Session> open = new ArrayList<>();
    private boolean isLeading;

    /// @param mailbox runs work on the controller's thread, in order
    /// @param controller takes events on that thread
    OpenSessions(Consumer<Runnable> mailbox, Consumer<ControllerEvent> controller) {
        this.mailbox = mailbox;
        this.controller = controller;
    }

    /// Any thread.
    BrokerSession open(int nodeId, UUID incarnation) {
        var session = new Session(nodeId, incarnation);
        mailbox.accept(
                () -> {
                    open.add(session);
                    tell(session.opened());
                });
        return session;
    }

    /// This node leads now: its controller, which knows no stream, is told of every one there is.
    void leads() {
        isLeading = true;
        open.forEach(session -> tell(session.opened()));
    }

    /// This node does not lead any longer: its controller has forgotten all streams.
    void follows() {
        isLeading = false;
    }

    private void closed(Session session) {
        open.remove(session);
        tell(new ControllerEvent.StreamClosed(session.nodeId, session.incarnation));
    }

    private void tell(ControllerEvent event) {
        if (isLeading) {
            controller.accept(event);
        }
    }

    /// **Bound:** at most one heartbeat waits in the mailbox; a later one takes its place.
    private final class Session implements BrokerSession {

        private final int nodeId;
        private final UUID incarnation;
        private final AtomicBoolean isClosed = new AtomicBoolean();
        private final AtomicReference<@Nullable ControllerEvent> waiting = new AtomicReference<>();

        private Session(int nodeId, UUID incarnation) {
            this.nodeId = nodeId;
            this.incarnation = incarnation;
        }

        private ControllerEvent opened() {
            return new ControllerEvent.StreamOpened(nodeId, incarnation);
        }

        @Override
        public void heartbeat(long metadataOffset, long oldestWorkMs) {
            var event =
                    new ControllerEvent.HeartbeatReceived(
                            nodeId, incarnation, metadataOffset, oldestWorkMs);
            if (!isClosed.get() && waiting.getAndSet(event) == null) {
                mailbox.accept(this::deliver);
            }
        }

        private void deliver() {
            var event = waiting.getAndSet(null);
            // One that overtook the end of its stream would open it again.
            if (event != null && open.contains(this)) {
                tell(event);
            }
        }

        @Override
        public void close() {
            if (isClosed.compareAndSet(false, true)) {
                mailbox.accept(() -> closed(this));
            }
        }
    }
}
