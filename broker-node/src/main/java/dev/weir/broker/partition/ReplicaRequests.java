// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.log.PartitionId;

/// The way from this node's leaders to the controller. Answers come through
/// [LocalPartition#isrAnswered] and with the image; one that never comes does no harm, because the
/// partition asks again.
///
/// **Threading:** any thread; nothing here blocks or calls back before it has returned.
public interface ReplicaRequests {

    /// Proposes an in-sync set (AlterPartition). A retry repeats the same bytes.
    void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal);

    /// Reports that all members hold durably what a change to `fsync` found. The image answers.
    void confirmFsync(PartitionId partition, ReplicaEffect.ConfirmFsync confirmation);

    /// Loses everything.
    ReplicaRequests NONE =
            new ReplicaRequests() {
                @Override
                public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {}

                @Override
                public void confirmFsync(
                        PartitionId partition, ReplicaEffect.ConfirmFsync confirmation) {}
            };
}
