// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import java.util.concurrent.TimeUnit;

/// What one partition's log is told about itself.
///
/// @param segmentBytes a segment rolls before it would grow past this; `segment.bytes`
/// @param segmentMs a segment rolls this long after its first append; `segment.ms`
/// @param indexIntervalBytes bytes of batches between two index entries
public record LogConfig(int segmentBytes, long segmentMs, int indexIntervalBytes) {

    /// 256 MiB, 7 days, 4 KiB.
    public static final LogConfig DEFAULT =
            new LogConfig(256 << 20, TimeUnit.DAYS.toMillis(7), 4 << 10);

    /// Refuses what no log can work with.
    public LogConfig {
        if (segmentBytes < 1 || segmentMs < 1 || indexIntervalBytes < 1) {
            throw new IllegalArgumentException(
                    "segmentBytes %d, segmentMs %d, indexIntervalBytes %d: all must be positive"
                            .formatted(segmentBytes, segmentMs, indexIntervalBytes));
        }
    }
}
