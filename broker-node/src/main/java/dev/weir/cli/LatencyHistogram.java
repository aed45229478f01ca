// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.concurrent.TimeUnit;

/// Counts durations in buckets whose width is under 1 % of their value, in memory that does not
/// grow.
///
/// The buckets are those of HdrHistogram: 128 of equal width for each power of two, below 256 one a
/// nanosecond. Any thread may record.
final class LatencyHistogram {

    private static final int SUB_BITS = 8;
    private static final int SUB_COUNT = 1 << SUB_BITS;
    private static final int BUCKETS = (Long.SIZE - SUB_BITS) * SUB_COUNT;

    private final long[] counts = new long[BUCKETS];
    private long total;
    private long maxNs;

    /// @param durationNs negative counts as 0
    synchronized void record(long durationNs) {
        var value = Math.max(0, durationNs);
        counts[bucket(value)]++;
        total++;
        maxNs = Math.max(maxNs, value);
    }

    synchronized long count() {
        return total;
    }

    /// The smallest recorded bucket's upper end such that `fraction` of all durations are at or
    /// below it, in milliseconds; 0 when nothing was recorded.
    ///
    /// @param fraction 0 exclusive to 1 inclusive
    synchronized double percentileMs(double fraction) {
        var wanted = Math.max(1, (long) Math.ceil(fraction * total));
        var seen = 0L;
        for (var i = 0; i < BUCKETS && total > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return toMs(Math.min(maxNs, upperEnd(i)));
            }
        }
        return 0;
    }

    synchronized double maxMs() {
        return toMs(maxNs);
    }

    /// The part of the JSON line that benchmarks print.
    Json toJson() {
        return Json.object()
                .put("p50", percentileMs(0.50))
                .put("p99", percentileMs(0.99))
                .put("p999", percentileMs(0.999))
                .put("max", maxMs());
    }

    private static int bucket(long value) {
        var power = Long.SIZE - Long.numberOfLeadingZeros(value | (SUB_COUNT - 1)) - SUB_BITS;
        return (power << SUB_BITS) + (int) (value >>> power);
    }

    private static long upperEnd(int bucket) {
        var power = bucket >> SUB_BITS;
        var sub = bucket & (SUB_COUNT - 1);
        return ((sub + 1L) << power) - 1;
    }

    private static double toMs(long ns) {
        return ns / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
