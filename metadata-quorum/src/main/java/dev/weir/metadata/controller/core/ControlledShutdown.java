// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.StartShutdown;
import dev.weir.metadata.record.BrokerShutdownStarted;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayList;

/// Decides [StartShutdown]: leaderships move to live members, as many as one batch takes; the
/// broker asks again until none is left that can move.
final class ControlledShutdown {

    private ControlledShutdown() {}

    static Decision decide(StartShutdown command, DecisionContext context) {
        var nodeId = command.nodeId();
        var stale = Incarnations.refusal(nodeId, command.incarnation(), context);
        if (stale.isPresent()) {
            return stale.get();
        }
        var broker = context.image().brokers().broker(nodeId).orElseThrow();
        var records = new ArrayList<MetadataRecord>();
        if (!broker.isShuttingDown()) {
            var number = broker.registration().registrationNumber();
            records.add(new BrokerShutdownStarted(nodeId, number));
        }
        var stopping = context.with(context.image().with(records));
        records.addAll(Upkeep.repairs(stopping, Upkeep.RECORDS_MAX));
        var left =
                context.image().with(records).topics().all().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .filter(partition -> partition.isLedBy(nodeId))
                        .count();
        return Decision.accept(records, new CommandResult.ShutdownProgress((int) left));
    }
}
