// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ReportFailedDirectory;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayList;
import java.util.UUID;

/// Decides [ReportFailedDirectory]. [Registration] restores what failed.
final class DirectoryFailure {

    private DirectoryFailure() {}

    /// The partitions in the directory move their leaders in the same batch, as many as fit.
    static Decision decide(ReportFailedDirectory command, DecisionContext context) {
        var stale = Incarnations.refusal(command.nodeId(), command.incarnation(), context);
        if (stale.isPresent()) {
            return stale.get();
        }
        var broker = context.image().brokers().broker(command.nodeId()).orElseThrow();
        if (!has(broker, command.directoryId())) {
            return Decision.refuse(
                    Code.WRONG_DIRECTORY, "broker " + command.nodeId() + " has no such directory");
        }
        if (broker.failedDirectories().contains(command.directoryId())) {
            return Decision.accept(new CommandResult.Done());
        }
        var records = new ArrayList<MetadataRecord>();
        records.add(new DirectoryFailed(command.nodeId(), command.directoryId()));
        var failed = context.with(context.image().with(records));
        records.addAll(Upkeep.repairs(failed, Upkeep.RECORDS_MAX));
        return Decision.accept(records, new CommandResult.Done());
    }

    private static boolean has(BrokerState broker, UUID directoryId) {
        return broker.registration().directories().contains(directoryId);
    }
}
