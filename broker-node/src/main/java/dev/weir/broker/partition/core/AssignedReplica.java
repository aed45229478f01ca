// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.UUID;

/// One replica of a partition, as the metadata image states it.
///
/// @param incarnation the process of its node that is registered, or [#UNREGISTERED]
/// @param directoryId the directory that holds the replica
/// @param eligible it may join the ISR: its node is unfenced and does not shut down, and its
///   directory has not failed
public record AssignedReplica(int nodeId, UUID incarnation, UUID directoryId, boolean eligible) {

    /// No process of that node is registered.
    public static final UUID UNREGISTERED = new UUID(0, 0);
}
