// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;

import java.util.UUID;

/// What the active controller reacts to. Delivered one at a time, in the order of occurrence as far
/// as the log goes.
public sealed interface ControllerEvent {

    /// This node leads the quorum and has applied everything of earlier terms. All open heartbeat
    /// streams are told again after it.
    ///
    /// @param term the Raft term in which it leads
    /// @param applied the image at that moment
    record BecameLeader(long term, ClusterImage applied) implements ControllerEvent {}

    /// This node no longer leads the quorum.
    record LostLeadership() implements ControllerEvent {}

    /// One entry of the metadata log was applied, or skipped, on this node. Told for every entry
    /// after the image of the last [BecameLeader], in order.
    ///
    /// @param term Raft term of the entry
    /// @param index Ratis index of the entry
    /// @param batch the entry's content
    /// @param result what it did
    record EntryApplied(long term, long index, MetadataBatch batch, ApplyResult result)
            implements ControllerEvent {}

    /// A proposal was refused or its outcome got lost. It may still be applied later.
    ///
    /// @param activationId activation of the proposed batch
    /// @param seq its sequence number
    /// @param reason for the log, not parsed
    record ProposalFailed(long activationId, long seq, String reason) implements ControllerEvent {}

    /// A caller wants something.
    ///
    /// @param commandId names the caller in the [ControllerEffect.Reply]; unique per process
    /// @param command what it wants
    record CommandReceived(long commandId, ControllerCommand command) implements ControllerEvent {}

    /// A broker's heartbeat stream is up: the process is live and its image shows its registration.
    ///
    /// @param nodeId the broker
    /// @param incarnation the process
    record StreamOpened(int nodeId, UUID incarnation) implements ControllerEvent {}

    /// A heartbeat came in on an open stream.
    ///
    /// @param nodeId the broker
    /// @param incarnation the process
    /// @param metadataOffset the offset of the image that the broker acts on
    /// @param oldestWorkMs age of its oldest unfinished flush or turn; 0 if there is none
    record HeartbeatReceived(int nodeId, UUID incarnation, long metadataOffset, long oldestWorkMs)
            implements ControllerEvent {}

    /// A heartbeat stream ended, for whatever reason.
    ///
    /// @param nodeId the broker
    /// @param incarnation the process
    record StreamClosed(int nodeId, UUID incarnation) implements ControllerEvent {}

    /// What a [ControllerEffect.Probe] met.
    ///
    /// @param probeId as in the [ControllerEffect.Probe]
    /// @param nodeId the broker
    /// @param isRefused whether the connection was refused: nothing listens there
    record ProbeFinished(long probeId, int nodeId, boolean isRefused) implements ControllerEvent {}

    /// The periodic timer, every [ControllerSettings#tickMs].
    record Tick() implements ControllerEvent {}
}
