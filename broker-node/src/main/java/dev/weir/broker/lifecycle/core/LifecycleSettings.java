// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

/// Times and limits of a broker's dealings with the controller; times in milliseconds.
///
/// @param heartbeatMs between two heartbeats
/// @param callMs how long the controller may take for one answer
/// @param retryMs pause after an answer that decided nothing
/// @param repeatMs after which a report is made again that the image does not show yet
/// @param silenceMs between two notices of what a start waits for
/// @param unheardMs how long an announced stop waits for a controller that does not answer
/// @param requestsMax requests of partitions on their way at a time
public record LifecycleSettings(
        long heartbeatMs,
        long callMs,
        long retryMs,
        long repeatMs,
        long silenceMs,
        long unheardMs,
        int requestsMax) {

    /// What a node runs with unless told otherwise.
    public static final LifecycleSettings DEFAULT =
            new LifecycleSettings(300, 5_000, 50, 3_000, 10_000, 2_000, 256);

    /// @return this, with another interval between heartbeats
    public LifecycleSettings withHeartbeatMs(long newHeartbeatMs) {
        return new LifecycleSettings(
                newHeartbeatMs, callMs, retryMs, repeatMs, silenceMs, unheardMs, requestsMax);
    }
}
