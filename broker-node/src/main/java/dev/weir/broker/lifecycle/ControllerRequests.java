// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import dev.weir.broker.lifecycle.core.LifecycleEvent;
import dev.weir.broker.partition.ReplicaRequests;
import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.log.PartitionId;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// What partitions and directories tell the controller, before there is a membership that carries
/// it: directories are opened first, as the registration says how they were found.
///
/// **Threading:** any thread. Until [#connect] what leaders repeat is lost; a failed directory,
/// which nobody reports twice, is remembered.
public final class ControllerRequests implements ReplicaRequests {

    private volatile Consumer<LifecycleEvent> target = _ -> {};

    // Guarded by this.
    private final List<LifecycleEvent> early = new ArrayList<>();
    private boolean isConnected;

    /// From now on events go there.
    synchronized void connect(Consumer<LifecycleEvent> newTarget) {
        target = newTarget;
        isConnected = true;
        early.forEach(newTarget);
        early.clear();
    }

    @Override
    public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
        target.accept(new LifecycleEvent.IsrProposed(named(partition), proposal));
    }

    @Override
    public void confirmFsync(PartitionId partition, ReplicaEffect.ConfirmFsync confirmation) {
        target.accept(new LifecycleEvent.FsyncCovered(named(partition), confirmation));
    }

    /// A directory failed.
    public synchronized void directoryFailed(UUID directoryId) {
        var failed = new LifecycleEvent.DirectoryFailed(directoryId);
        if (isConnected) {
            target.accept(failed);
        } else {
            early.add(failed);
        }
    }

    private static TopicPartition named(PartitionId partition) {
        return new TopicPartition(partition.topicId(), partition.partition());
    }
}
