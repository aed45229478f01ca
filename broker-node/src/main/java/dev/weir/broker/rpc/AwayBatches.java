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
                public boolean beginHere(PartitionId partition, int epoch) {
                    return true;
                }

                @Override
                public void endHere(PartitionId partition) {}

                @Override
                public void add(AwayBatch batch) {
                    throw new IllegalStateException("a forwarded request is not forwarded on");
                }

                @Override
                public void comeBack(AwayBatch batch) {
                    add(batch);
                }

                @Override
                public void stop() {}

                @Override
                public void close() {}
            };

    /// Whether batches are taken at all.
    boolean areTaken();

    /// A batch is to go to the replica here, under a leader epoch that it names.
    ///
    /// @return whether it may; otherwise it would pass others and is to be added
    boolean beginHere(PartitionId partition, int epoch);

    /// A batch that began here was appended or answered, or came back.
    void endHere(PartitionId partition);

    /// Carries a batch to the partition's leader, behind those added before.
    void add(AwayBatch batch);

    /// Carries a batch that began here and was not taken: behind those that came back before, ahead
    /// of those that were added.
    void comeBack(AwayBatch batch);

    /// The node stops: what waits for a leader is refused.
    void stop();

    /// The sender is gone or has all its answers.
    void close();
}
