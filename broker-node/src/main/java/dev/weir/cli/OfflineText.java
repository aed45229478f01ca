// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.TopicDescription;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a partition waits for that nobody leads: one line for the operator.
final class OfflineText {

    private OfflineText() {}

    /// @return empty where there is a leader
    static Optional<String> of(TopicDescription.Partition partition) {
        return partition.leader().isPresent()
                ? Optional.empty()
                : Optional.of(
                        "partition %d is offline: %s"
                                .formatted(partition.partition(), cure(partition)));
    }

    private static String cure(TopicDescription.Partition partition) {
        var members = new ArrayList<>(partition.isr());
        members.addAll(partition.elr());
        if (!members.isEmpty()) {
            return "start node %s; one is enough".formatted(ids(members, " or "));
        }
        if (!partition.recovering().isEmpty()) {
            return "start node %s; all of them are needed, the longest log leads"
                    .formatted(ids(partition.recovering(), " and "));
        }
        return "no replica is known to have everything;"
                + " 'weir cluster elect-leaders --unclean' takes what there is and loses the rest";
    }

    private static String ids(List<Integer> nodes, String between) {
        return nodes.stream().sorted().map(String::valueOf).collect(Collectors.joining(between));
    }
}
