// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.broker.partition.core.ReplicaMessage;
import dev.weir.broker.partition.core.ReplicaView;
import dev.weir.log.PartitionId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// What a turn has to tell others, kept until its state is published.
///
/// **Threading:** the partition's turn.
final class TurnEffects {

    private final PartitionId partition;
    private final PartitionPorts ports;
    private final ArrayDeque<ReplicaEffect> effects = new ArrayDeque<>();
    private @Nullable PartitionReader reader;

    TurnEffects(PartitionId partition, PartitionPorts ports) {
        this.partition = partition;
        this.ports = ports;
    }

    void connect(PartitionReader partitionReader) {
        reader = partitionReader;
    }

    /// Takes an answer, a message or a request. An acknowledgement replaces the one right before
    /// it.
    void add(ReplicaEffect effect) {
        if (effect instanceof ReplicaEffect.Send next
                && effects.peekLast() instanceof ReplicaEffect.Send last
                && isNewerAck(last, next)) {
            effects.removeLast();
        }
        effects.add(effect);
    }

    private static boolean isNewerAck(ReplicaEffect.Send last, ReplicaEffect.Send next) {
        return last.message() instanceof ReplicaMessage.Ack before
                && next.message() instanceof ReplicaMessage.Ack after
                && last.toNode() == next.toNode()
                && last.lane() == next.lane()
                && before.session().equals(after.session());
    }

    /// Tells everything.
    ///
    /// @param view as published
    void deliver(ReplicaView view) {
        ReplicaEffect effect;
        while ((effect = effects.poll()) != null) {
            if (effect instanceof ReplicaEffect.AnswerProduce(var ticket, var outcome)) {
                ((QueuedProduce) ticket).answer(outcome);
            } else if (effect instanceof ReplicaEffect.WakeFetch(var ticket, var verdict)) {
                reader().answer((QueuedFetch) ticket, view, verdict);
            } else if (effect instanceof ReplicaEffect.Send(int toNode, var lane, var message)) {
                ports.links().send(toNode, lane, partition, message);
            } else if (effect instanceof ReplicaEffect.ProposeIsr proposal) {
                ports.requests().proposeIsr(partition, proposal);
            } else if (effect instanceof ReplicaEffect.ConfirmFsync confirmation) {
                ports.requests().confirmFsync(partition, confirmation);
            } else {
                throw new IllegalStateException("not for others: " + effect);
            }
        }
    }

    private PartitionReader reader() {
        if (reader == null) {
            throw new IllegalStateException("not connected");
        }
        return reader;
    }
}
