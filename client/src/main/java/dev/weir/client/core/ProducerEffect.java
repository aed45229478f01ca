// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

/// What the shell has to do. Effects are carried out in the order given.
///
/// @param <C> what a record's sender is told through
public sealed interface ProducerEffect<C> {

    /// Sends a batch on a stream and then says how many bytes the request had:
    /// [ProducerCore#onSent].
    record Send<C>(long streamId, long requestId, PartitionId partition, ProducerBatch<C> batch)
            implements ProducerEffect<C> {}

    /// Opens a produce stream to a node: answered by [ProducerCore#onStreamOpened] or
    /// [ProducerCore#onStreamEnded].
    record OpenStream<C>(String node, long streamId) implements ProducerEffect<C> {}

    /// Gives a stream up. Nothing more of it is of interest.
    record EndStream<C>(long streamId) implements ProducerEffect<C> {}

    /// Finds out whether a node that owes an answer can be reached at all. If it cannot, its stream
    /// ends ([ProducerCore#onStreamEnded]) and what is meant for it goes another way.
    record Suspect<C>(String node) implements ProducerEffect<C> {}

    /// Takes a producer id, or the next epoch of one: answered by [ProducerCore#onIdentity] or
    /// [ProducerCore#onIdentityRefused].
    ///
    /// @param last the identity to follow; `null` for a new one
    record TakeIdentity<C>(@Nullable ProducerIdentity last) implements ProducerEffect<C> {}

    /// Asks who leads a topic's partitions: answered by [ProducerCore#onLeaders] or
    /// [ProducerCore#onLeadersUnknown].
    record FindLeaders<C>(String topic) implements ProducerEffect<C> {}

    /// Tells the senders of a batch's records, and takes its memory back.
    record Delivered<C>(
            PartitionId partition, ProducerBatch<C> batch, Acknowledgement acknowledgement)
            implements ProducerEffect<C> {}

    /// Tells the senders of a batch's records. Its memory must not be used again: a request with it
    /// may still lie in a connection.
    record Failed<C>(PartitionId partition, ProducerBatch<C> batch, BatchFailure failure)
            implements ProducerEffect<C> {}
}
