// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.ReportFailedDirectory;
import dev.weir.metadata.controller.core.ControllerCommand.RestoreDirectory;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.DirectoryRestored;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Decides [ReportFailedDirectory] and [RestoreDirectory].
final class DirectoryChange {

    private DirectoryChange() {}

    /// The partitions in the directory move their leaders in the same batch, as many as fit.
    static Decision failed(ReportFailedDirectory command, DecisionContext context) {
        var stale = Incarnations.refusal(command.nodeId(), command.incarnation(), context);
        if (stale.isPresent()) {
            return stale.get();
        }
        var broker = context.image().brokers().broker(command.nodeId()).orElseThrow();
        if (!has(broker, command.directoryId())) {
            return wrong(command.nodeId());
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

    static Decision restored(RestoreDirectory command, DecisionContext context) {
        var broker = context.image().brokers().broker(command.nodeId());
        if (broker.isEmpty()) {
            return Decision.refuse(Code.UNKNOWN_BROKER, "there is no broker " + command.nodeId());
        }
        if (!has(broker.get(), command.directoryId())) {
            return wrong(command.nodeId());
        }
        var isFailed = broker.get().failedDirectories().contains(command.directoryId());
        return Decision.accept(
                isFailed
                        ? List.of(new DirectoryRestored(command.nodeId(), command.directoryId()))
                        : List.of(),
                new CommandResult.Done());
    }

    private static boolean has(BrokerState broker, UUID directoryId) {
        return broker.registration().directories().contains(directoryId);
    }

    private static Decision wrong(int nodeId) {
        return Decision.refuse(Code.WRONG_DIRECTORY, "broker " + nodeId + " has no such directory");
    }
}
