// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/// Hands out producer ids from blocks that the controller gives this process alone, and the next
/// epochs of ids that this process gave out.
///
/// Ids of a block that is not used up when the process ends are lost; there are 2^63.
///
/// **Threading:** any thread; receivers run on the caller's or the controller's thread and must
/// only enqueue or answer.
public final class ProducerIds {

    /// Producers whose epoch is remembered; the longest idle is forgotten first.
    private static final int REMEMBERED_MAX = 100_000;

    private static final int WAITING_MAX = 10_000;

    private final ControllerGateway gateway;
    private final int nodeId;
    private final UUID incarnation;
    private final Duration timeout;
    private final ArrayDeque<Consumer<Answer>> waiting = new ArrayDeque<>();
    private final Map<Long, Integer> lastEpochs = new Recent();
    private long next;
    private long end;
    private boolean asking;

    /// What one caller gets.
    public sealed interface Answer {

        /// An identity that nobody else has.
        record Given(long producerId, int epoch) implements Answer {}

        /// The named epoch is not the last one that was given out for the id.
        record Fenced(int lastEpoch) implements Answer {}

        /// The controller gave no block.
        record Failed(GatewayOutcome outcome) implements Answer {}

        /// Too many callers wait for a block.
        record Busy() implements Answer {}
    }

    /// @param incarnation of this process, as registered
    /// @param timeout how long one question to the controller may take
    public ProducerIds(ControllerGateway gateway, int nodeId, UUID incarnation, Duration timeout) {
        this.gateway = gateway;
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.timeout = timeout;
    }

    /// A new id, at epoch 0.
    public void fresh(Consumer<Answer> receiver) {
        Answer answer;
        boolean asks = false;
        synchronized (this) {
            if (next < end) {
                answer = give();
            } else if (waiting.size() >= WAITING_MAX) {
                answer = new Answer.Busy();
            } else {
                waiting.add(receiver);
                answer = null;
                asks = !asking;
                asking = true;
            }
        }
        if (answer != null) {
            receiver.accept(answer);
        } else if (asks) {
            ask();
        }
    }

    /// The next epoch of an id. A new id at epoch 0 where this process did not give the id out, or
    /// has forgotten it, or its epochs are used up: only who gave the last epoch may give the next.
    ///
    /// @param lastEpoch the epoch that the caller holds
    public void nextEpoch(long producerId, int lastEpoch, Consumer<Answer> receiver) {
        Answer answer = null;
        synchronized (this) {
            var known = lastEpochs.get(producerId);
            if (known != null && known != lastEpoch) {
                answer = new Answer.Fenced(known);
            } else if (known != null && known < Short.MAX_VALUE) {
                lastEpochs.put(producerId, known + 1);
                answer = new Answer.Given(producerId, known + 1);
            }
        }
        if (answer == null) {
            fresh(receiver);
        } else {
            receiver.accept(answer);
        }
    }

    private void ask() {
        gateway.submit(new ControllerCommand.AllocateProducerIds(nodeId, incarnation), timeout)
                .thenAccept(this::onBlock);
    }

    private void onBlock(GatewayOutcome outcome) {
        var served = new ArrayList<Runnable>();
        boolean asksAgain;
        synchronized (this) {
            boolean given = false;
            if (outcome
                    instanceof
                    GatewayOutcome.Committed(CommandResult.ProducerIds(var first, var count), _)) {
                next = first;
                end = first + count;
                given = true;
            }
            while (!waiting.isEmpty() && (!given || next < end)) {
                var receiver = waiting.remove();
                var answer = given ? give() : new Answer.Failed(outcome);
                served.add(() -> receiver.accept(answer));
            }
            asksAgain = !waiting.isEmpty();
            asking = asksAgain;
        }
        if (asksAgain) {
            ask();
        }
        served.forEach(Runnable::run);
    }

    private Answer give() {
        long id = next++;
        lastEpochs.put(id, 0);
        return new Answer.Given(id, 0);
    }

    private static final class Recent extends LinkedHashMap<Long, Integer> {

        private static final long serialVersionUID = 1L;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }
}
