// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import java.util.OptionalLong;

/// The names of the files in a partition's directory.
///
/// | name | what |
/// |---|---|
/// | `%020d.log` | batches from this base offset on; Kafka's name, so Kafka's tools read it |
/// | `%020d.sidecar` | the segment's identity, index and end: [Sidecar] |
/// | `%020d.producers` | producer states at this offset |
/// | `<name>.<nonce>.gone` | renamed away by a truncation, reset or recovery; deleted in time |
/// | `<nonce>.prepared` | space for the next segment; holds nothing |
public final class SegmentFileName {

    public static final String LOG = ".log";
    public static final String SIDECAR = ".sidecar";
    public static final String PRODUCERS = ".producers";
    public static final String GONE = ".gone";
    public static final String PREPARED = ".prepared";

    private static final int DIGITS = 20;

    private SegmentFileName() {}

    /// The name of a file that belongs to an offset.
    ///
    /// @param suffix one of [#LOG], [#SIDECAR], [#PRODUCERS]
    public static String of(long offset, String suffix) {
        return "%020d%s".formatted(offset, suffix);
    }

    /// The offset in a name that [#of] made with this suffix; empty for every other name.
    public static OptionalLong offsetIn(String name, String suffix) {
        if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        var offset = 0L;
        for (var i = 0; i < DIGITS; i++) {
            var digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || offset > (Long.MAX_VALUE - digit) / 10) {
                return OptionalLong.empty();
            }
            offset = offset * 10 + digit;
        }
        return OptionalLong.of(offset);
    }
}
