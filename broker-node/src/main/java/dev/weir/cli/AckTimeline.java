// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Arrays;
import java.util.OptionalLong;

/// When acknowledgements came, and how long none came around a failure. Times are of one monotonic
/// clock, in nanoseconds.
///
/// **Threading:** any thread.
final class AckTimeline {

    private static final int CAPACITY = 1024;

    private long[] timesNs = new long[CAPACITY];
    private int count;

    /// An acknowledgement came.
    ///
    /// @param atNs not below that of the call before
    synchronized void add(long atNs) {
        if (count == timesNs.length) {
            timesNs = Arrays.copyOf(timesNs, 2 * count);
        }
        timesNs[count++] = atNs;
    }

    /// How many came.
    synchronized int count() {
        return count;
    }

    /// When the last one came; empty: none did.
    synchronized OptionalLong lastNs() {
        return count == 0 ? OptionalLong.empty() : OptionalLong.of(timesNs[count - 1]);
    }

    /// From a failure to the end of the longest gap between two acknowledgements that ends after
    /// it. A gap may begin before the failure.
    ///
    /// @return empty: none came after the failure
    synchronized OptionalLong blindNs(long failureNs) {
        var longestNs = -1L;
        var endNs = 0L;
        for (var i = 0; i < count; i++) {
            if (timesNs[i] - failureNs <= 0) {
                continue;
            }
            var beforeNs = i == 0 ? failureNs : timesNs[i - 1];
            if (timesNs[i] - beforeNs > longestNs) {
                longestNs = timesNs[i] - beforeNs;
                endNs = timesNs[i];
            }
        }
        return longestNs < 0 ? OptionalLong.empty() : OptionalLong.of(endNs - failureNs);
    }
}
