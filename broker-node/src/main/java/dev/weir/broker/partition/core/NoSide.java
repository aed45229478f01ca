// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Takes part in nothing: nobody leads, or this replica is offline or closed.
///
/// @param context the replica's
/// @param silent not even a refusal is sent
record NoSide(ReplicaContext context, boolean silent) implements Side {

    @Override
    public void onImage(PartitionConfig before, boolean moved) {
        // Nothing depends on it.
    }

    @Override
    public void onEvent(ReplicaEvent.OfReplication event) {
        if (event instanceof ReplicaEvent.Received(int fromNode, ReplicaMessage message)) {
            Refusals.drop(message, context);
            if (!silent) {
                Refusals.refuse(fromNode, message, context);
            }
        }
    }

    @Override
    public void onAppended(long endOffset) {
        throw new IllegalStateException("append without leading or following: " + endOffset);
    }

    @Override
    public void onAppendRefused() {
        // Nothing waits for it.
    }

    @Override
    public void onFlushed() {
        // Nobody is told.
    }

    @Override
    public void onCut() {
        // It was asked for before; nothing follows it.
    }

    @Override
    public void onTick() {
        // Nothing waits.
    }

    @Override
    public boolean wantsTicks() {
        return false;
    }

    @Override
    public boolean isCutting() {
        return false;
    }

    @Override
    public void end() {
        // Nothing was begun.
    }
}
