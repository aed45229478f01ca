// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

/// The controller's times and limits.
///
/// @param sessionTimeoutMs a broker silent for longer is fenced
/// @param tickMs how often [ControllerEvent.Tick] is due; a later one is the controller's own pause
/// @param reactivateDelayMs wait between a renounced activation and the next
/// @param inFlightBatchesMax proposals whose outcome is open
/// @param inFlightBytesMax their bytes
/// @param waitingCommandsMax commands that wait for the activation or for room in flight
/// @param defaultPartitions partition count of a topic that names none
/// @param partitionsPerBatchMax partitions that one command may create
/// @param replicasPerBrokerMax replicas that one broker may hold
public record ControllerSettings(
        long sessionTimeoutMs,
        long tickMs,
        long reactivateDelayMs,
        int inFlightBatchesMax,
        int inFlightBytesMax,
        int waitingCommandsMax,
        int defaultPartitions,
        int partitionsPerBatchMax,
        int replicasPerBrokerMax) {

    /// What we ship.
    public static final ControllerSettings DEFAULT =
            new ControllerSettings(2_000, 100, 50, 512, 16 << 20, 1_024, 1, 2_000, 10_000);
}
