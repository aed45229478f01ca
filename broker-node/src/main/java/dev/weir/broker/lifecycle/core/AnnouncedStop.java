// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.image.ClusterImage;

import java.util.List;
import java.util.UUID;

/// A stop that the controller is told of first, so that leaders move while the old ones still
/// answer. Asked again until nothing is left that could move, within a given time; a cluster that
/// has no controller any more is not waited for as long.
final class AnnouncedStop {

    private static final long NEVER = Long.MAX_VALUE;

    private final int nodeId;
    private final UUID incarnation;
    private final LifecycleSettings settings;
    private boolean isBegun;
    private boolean isOver;
    private long deadlineMs;

    /// When the stop goes on although no controller has answered.
    private long unheardDeadlineMs;

    private long askAtMs = NEVER;
    private long movedOffset = NEVER;
    private int leadershipsLeft;

    AnnouncedStop(int nodeId, UUID incarnation, LifecycleSettings settings) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.settings = settings;
    }

    boolean isBegun() {
        return isBegun;
    }

    /// @param isKnown whether the cluster may count on this broker at all
    void begin(boolean isKnown, long waitMs, long nowMs, List<LifecycleEffect> effects) {
        if (isBegun) {
            return;
        }
        isBegun = true;
        deadlineMs = nowMs + waitMs;
        unheardDeadlineMs = nowMs + settings.unheardMs();
        askAtMs = nowMs;
        if (!isKnown) {
            end(effects);
        }
    }

    /// Asks when it is time to, and gives up when that is.
    void tick(Calls calls, long nowMs, List<LifecycleEffect> effects) {
        if (!isBegun || isOver) {
            return;
        }
        if (nowMs >= Math.min(deadlineMs, unheardDeadlineMs)) {
            end(effects);
        } else if (nowMs >= askAtMs) {
            askAtMs = NEVER;
            var command = new ControllerCommand.StartShutdown(nodeId, incarnation);
            effects.add(calls.ask(command, new Calls.Purpose.Shutdown(), nowMs));
        }
    }

    /// The controller answered.
    void told(
            CommandOutcome outcome,
            ClusterImage followed,
            long nowMs,
            List<LifecycleEffect> effects) {
        if (isOver) {
            return;
        }
        switch (outcome) {
            case CommandOutcome.Committed(CommandResult.ShutdownProgress(var left), var offset) -> {
                leadershipsLeft = left;
                unheardDeadlineMs = nowMs + settings.unheardMs();
                if (left == 0 || !othersCouldLead(followed)) {
                    movedOffset = offset;
                    followed(followed, effects);
                } else {
                    askAtMs = nowMs + settings.retryMs();
                }
            }
            case CommandOutcome.Refused(var refusal, _) when refusal.code() != Refusal.Code.BUSY ->
                    // Another process has the name, or the name is gone: nothing is left to move.
                    end(effects);
            case CommandOutcome.Committed _,
                    CommandOutcome.Refused _,
                    CommandOutcome.NotController _,
                    CommandOutcome.Unknown _ ->
                    askAtMs = nowMs + settings.retryMs();
        }
    }

    /// The own replicas have to know that they no longer lead before the stop goes on.
    void followed(ClusterImage image, List<LifecycleEffect> effects) {
        if (!isOver && image.offset() >= movedOffset) {
            end(effects);
        }
    }

    /// Whether a partition that this broker leads has a replica on a live node that stays: it may
    /// still catch up and take over.
    private boolean othersCouldLead(ClusterImage image) {
        return image.topics().all().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.isLedBy(nodeId))
                .flatMap(partition -> partition.replicas().stream())
                .anyMatch(other -> other != nodeId && staysLive(other, image));
    }

    private static boolean staysLive(int other, ClusterImage image) {
        return image.brokers()
                .broker(other)
                .filter(broker -> !broker.isFenced() && !broker.isShuttingDown())
                .isPresent();
    }

    private void end(List<LifecycleEffect> effects) {
        isOver = true;
        effects.add(new LifecycleEffect.LeadersMoved(leadershipsLeft));
    }
}
