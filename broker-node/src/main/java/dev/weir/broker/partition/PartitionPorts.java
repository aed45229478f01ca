// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

/// Where a partition reaches beyond its node.
///
/// @param links to the other replicas
/// @param requests to the controller
public record PartitionPorts(ReplicaLinks links, ReplicaRequests requests) {

    /// Leads nowhere: everything is lost, nothing is admitted.
    public static final PartitionPorts NONE =
            new PartitionPorts(ReplicaLinks.NONE, ReplicaRequests.NONE);
}
