// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// What becomes of messages that nobody takes.
final class Refusals {

    private Refusals() {}

    /// Gives back what a message holds.
    static void drop(ReplicaMessage message, ReplicaContext context) {
        if (message instanceof ReplicaMessage.Push push) {
            context.emit(new ReplicaEffect.ReleasePushed(push.batches()));
        }
    }

    /// Tells a follower that there is no such session here.
    static void refuse(int node, ReplicaMessage message, ReplicaContext context) {
        if (message instanceof ReplicaMessage.OpenSession open) {
            refuse(node, open.lane(), open.session(), context);
        }
    }

    static void refuse(int node, Lane lane, SessionId session, ReplicaContext context) {
        var refused = new ReplicaMessage.Refused(session, context.committed().leaderEpoch());
        context.emit(new ReplicaEffect.Send(node, lane, refused));
    }
}
