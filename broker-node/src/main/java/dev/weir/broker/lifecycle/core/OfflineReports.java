// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.TopicPartition;

import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/// Tells the controller which replicas this broker cannot use: it would count on them as long as
/// the process lives.
///
/// The report is made again when the set changes, until it is taken, and when another controller
/// took over, which forgot it.
final class OfflineReports {

    private final int nodeId;
    private final UUID incarnation;
    private SortedSet<TopicPartition> offline = new TreeSet<>();

    /// What the current controller was told.
    private SortedSet<TopicPartition> told = new TreeSet<>();

    private SortedSet<TopicPartition> reported = new TreeSet<>();
    private long activation = -1;
    private long reportedTo;
    private long number;
    private long nextReportMs;
    private boolean isReporting;

    OfflineReports(int nodeId, UUID incarnation) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
    }

    /// What cannot be used now.
    void found(SortedSet<TopicPartition> partitions) {
        offline = partitions;
    }

    /// Takes note of a followed image.
    void followed(ClusterImage image) {
        if (image.activation().activationId() != activation) {
            activation = image.activation().activationId();
            told = new TreeSet<>();
        }
    }

    /// @return the report that is to be made now; [#answered] is due
    Optional<ControllerCommand> due(long nowMs) {
        if (isReporting || nowMs < nextReportMs || offline.equals(told)) {
            return Optional.empty();
        }
        isReporting = true;
        reported = offline;
        reportedTo = activation;
        return Optional.of(
                new ControllerCommand.ReportOfflineReplicas(
                        nodeId, incarnation, ++number, reported));
    }

    /// @param isTaken whether the controller has taken it
    /// @param retryMs when to make it again, if not
    void answered(boolean isTaken, long retryMs) {
        isReporting = false;
        nextReportMs = retryMs;
        if (isTaken && reportedTo == activation) {
            told = reported;
        }
    }
}
