// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.broker.partition.core.ReplicaEffect;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.TopicPartition;

import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/// What a broker's life reacts to.
public sealed interface LifecycleEvent {

    /// The process is up, its directory open. Once, before any other event.
    record Started() implements LifecycleEvent {}

    /// A [LifecycleEffect.Call] ended. May be late, or never come.
    record Answered(long callId, CommandOutcome outcome) implements LifecycleEvent {}

    /// The replicas are what this image says. Images come in order; some are left out.
    record ImageFollowed(ClusterImage image) implements LifecycleEvent {}

    /// What [LifecycleEffect.ReadLogEnds] asked for; replicas that cannot be read are missing.
    record LogEnds(SortedMap<TopicPartition, LogEnd> ends) implements LifecycleEvent {}

    /// A leader wants another ISR. [LifecycleEffect.AnswerIsr] is due.
    record IsrProposed(TopicPartition partition, ReplicaEffect.ProposeIsr proposal)
            implements LifecycleEvent {}

    /// A leader proves durability after a change to `fsync`. The image answers.
    record FsyncCovered(TopicPartition partition, ReplicaEffect.ConfirmFsync confirmation)
            implements LifecycleEvent {}

    /// The replicas that cannot be used though the directory works, all of them. When they change.
    record OfflineReplicas(SortedSet<TopicPartition> partitions) implements LifecycleEvent {}

    /// A data directory failed.
    record DirectoryFailed(UUID directoryId) implements LifecycleEvent {}

    /// The process is about to end. [LifecycleEffect.LeadersMoved] is due.
    ///
    /// @param waitMs how long leaders may take to move
    record StopWanted(long waitMs) implements LifecycleEvent {}

    /// Time passed; a few times a heartbeat.
    record Tick() implements LifecycleEvent {}
}
