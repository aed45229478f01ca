// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.RecordLimits;

/// How a reader reads. Begin with [#DEFAULT].
///
/// @param creditBytes most bytes that may be on their way or waiting to be polled, for each node
///   read from
/// @param maxPushBytes most bytes that a node sends at once for one partition
/// @param limits what compressed batches may become
public record ReaderConfig(long creditBytes, int maxPushBytes, RecordLimits limits) {

    /// 8 MiB, 1 MiB, [RecordLimits#DEFAULT].
    public static final ReaderConfig DEFAULT =
            new ReaderConfig(8L * 1024 * 1024, 1024 * 1024, RecordLimits.DEFAULT);

    /// Refuses a credit smaller than one push.
    public ReaderConfig {
        if (maxPushBytes < 1 || creditBytes < maxPushBytes) {
            throw new IllegalArgumentException(
                    "creditBytes " + creditBytes + ", maxPushBytes " + maxPushBytes);
        }
    }
}
