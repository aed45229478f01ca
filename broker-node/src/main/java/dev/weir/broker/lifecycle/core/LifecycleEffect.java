// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.record.TopicPartition;

import java.util.SortedSet;

/// What a broker's life wants done.
public sealed interface LifecycleEffect {

    /// Ask the active controller, wherever it is; [LifecycleEvent.Answered] is due.
    ///
    /// @param timeoutMs how long it may take
    record Call(long callId, ControllerCommand command, long timeoutMs)
            implements LifecycleEffect {}

    /// The registration counts: from now on follow images at least this new, and no older one.
    /// Whatever the registration reported about the last stop is confirmed.
    record Follow(long registrationOffset) implements LifecycleEffect {}

    /// Open the heartbeat stream: the replicas are what the registration's image says. Once.
    record OpenSession() implements LifecycleEffect {}

    /// Tell the controller that the process lives.
    record Beat() implements LifecycleEffect {}

    /// Read where the logs of these replicas end; [LifecycleEvent.LogEnds] is due.
    record ReadLogEnds(SortedSet<TopicPartition> partitions) implements LifecycleEffect {}

    /// Tell a leader what became of its proposal.
    record AnswerIsr(TopicPartition partition, long proposalNumber, IsrOutcome outcome)
            implements LifecycleEffect {}

    /// The cluster counts on this broker, or no longer does.
    record LivenessChanged(boolean isLive) implements LifecycleEffect {}

    /// The start does not get on, and why. For an operator, now and then.
    record Waiting(String reason, long sinceMs) implements LifecycleEffect {}

    /// Leaders are elsewhere, as far as they can be: the stop may go on. Once.
    ///
    /// @param leadershipsLeft partitions that nobody else can lead
    record LeadersMoved(int leadershipsLeft) implements LifecycleEffect {}

    /// The process can be no broker of the cluster, now or any longer: it has to end. Once.
    ///
    /// @param reason one line, cause and cure
    record Expelled(String reason) implements LifecycleEffect {}
}
