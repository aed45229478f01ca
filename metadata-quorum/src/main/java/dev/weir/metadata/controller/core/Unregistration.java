// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.BrokerRemoved;
import dev.weir.metadata.record.ConfigRemoved;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayList;

/// Decides [ControllerCommand.UnregisterBroker]: only what is fenced and holds nothing can go.
final class Unregistration {

    private Unregistration() {}

    static Decision decide(int nodeId, DecisionContext context) {
        var image = context.image();
        var broker = image.brokers().broker(nodeId);
        if (broker.isEmpty()) {
            return Decision.refuse(Code.UNKNOWN_BROKER, "there is no broker " + nodeId);
        }
        if (!broker.get().isFenced() || context.streams().contains(nodeId)) {
            return Decision.refuse(Code.BROKER_IN_USE, "broker " + nodeId + " is live");
        }
        var replicas =
                image.topics().all().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .filter(partition -> partition.replicas().contains(nodeId))
                        .count();
        if (replicas > 0) {
            return Decision.refuse(
                    Code.BROKER_IN_USE, "broker " + nodeId + " holds " + replicas + " replicas");
        }
        var records = new ArrayList<MetadataRecord>();
        var scope = new ConfigScope.Broker(nodeId);
        image.configs().of(scope).keySet().forEach(k -> records.add(new ConfigRemoved(scope, k)));
        records.add(new BrokerRemoved(nodeId, broker.get().registration().registrationNumber()));
        return Decision.accept(records, new CommandResult.Done());
    }
}
