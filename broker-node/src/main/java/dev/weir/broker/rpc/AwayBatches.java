// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;

/// Takes the batches of one sender that this node does not lead.
///
/// **Threading:** any thread.
interface AwayBatches {

    /// Takes nothing: batches of forwarded requests are answered where they arrive.
    AwayBatches NONE =
            new AwayBatches() {
                @Override
                public boolean areTaken() {
                    return false;
                }

                @Override
                public boolean holds(PartitionId partition) {
                    return false;
                }

                @Override
                public void add(AwayBatch batch) {
                    throw new IllegalStateException("a forwarded request is not forwarded on");
                }

                @Override
                public void stop() {}

                @Override
                public void close() {}
            };

    /// Whether batches are taken at all.
    boolean areTaken();

    /// Whether batches of a partition are on their way or wait: later ones follow them.
    boolean holds(PartitionId partition);

    /// Carries a batch to the partition's leader, behind those added before.
    void add(AwayBatch batch);

    /// The node stops: what waits for a leader is refused.
    void stop();

    /// The sender is gone or has all its answers.
    void close();
}
