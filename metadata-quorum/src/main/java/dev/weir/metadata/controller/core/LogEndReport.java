// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ReportLogEnds;

/// Decides [ReportLogEnds]: whether the report counts. The controller keeps it in [LogEnds].
final class LogEndReport {

    private LogEndReport() {}

    static Decision decide(ReportLogEnds command, DecisionContext context) {
        return Incarnations.refusal(command.nodeId(), command.incarnation(), context)
                .orElseGet(() -> Decision.accept(new CommandResult.Done()));
    }

    /// Keeps what speaks of a partition that still waits for the node.
    static void keep(ReportLogEnds command, DecisionContext context) {
        command.ends()
                .forEach(
                        (partition, end) -> {
                            var isAwaited =
                                    context.image()
                                            .topics()
                                            .partition(partition)
                                            .map(p -> p.recovering().contains(command.nodeId()))
                                            .orElse(false);
                            if (isAwaited) {
                                context.logEnds()
                                        .put(
                                                partition,
                                                command.nodeId(),
                                                command.incarnation(),
                                                end);
                            }
                        });
    }
}
