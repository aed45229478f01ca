// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// What a replica does about the other replicas, in one leader epoch: lead, follow, or nothing. A
/// new one is made for each epoch, so nothing of an earlier epoch is ever counted.
sealed interface Side permits LeaderSide, FollowerSide, NoSide {

    /// The image changed, within the epoch: members, registrations or the topic's configuration.
    ///
    /// @param before the configuration until now
    /// @param moved the partition epoch rose
    void onImage(PartitionConfig before, boolean moved);

    /// Something that concerns replication happened.
    void onEvent(ReplicaEvent.OfReplication event);

    /// Everything asked for is in the log.
    ///
    /// @param endOffset the log end now, exclusive
    void onAppended(long endOffset);

    /// Nothing of what was asked for is in the log.
    void onAppendRefused();

    /// A flush has moved the durable end.
    void onFlushed();

    /// The log was cut or begun anew, as this side has asked. What follows is due at once.
    void onCut();

    /// Time passed.
    void onTick();

    /// Whether only time can move something that waits.
    boolean wantsTicks();

    /// The log is being cut; until it is done there is no other side.
    boolean isCutting();

    /// The epoch is over.
    void end();
}
