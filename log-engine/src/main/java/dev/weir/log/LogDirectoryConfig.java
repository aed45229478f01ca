// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// The budgets of one data directory.
///
/// @param preparedBytesMax space that may be allocated ahead of all logs' heads, in bytes
/// @param mapsMax mappings that may live at a time; part of `vm.max_map_count`
/// @param mappedBytesMax bytes of sealed segments that stay mapped; older ones are read through
///   channels
/// @param firstStepBytes first step by which a segment's file grows ahead of its head; the step
///   doubles up to [#lastStepBytes]
/// @param lastStepBytes largest step
public record LogDirectoryConfig(
        long preparedBytesMax,
        int mapsMax,
        long mappedBytesMax,
        int firstStepBytes,
        int lastStepBytes) {

    /// 1 GiB ahead, 8,192 maps, 4 GiB of sealed segments mapped, steps of 64 KiB to 2 MiB (larger
    /// ones cost more than they save: docs/adr/0012).
    public static final LogDirectoryConfig DEFAULT =
            new LogDirectoryConfig(1L << 30, 8_192, 4L << 30, 64 << 10, 2 << 20);

    /// Refuses what cannot work.
    public LogDirectoryConfig {
        if (preparedBytesMax < 0 || mapsMax < 0 || mappedBytesMax < 0) {
            throw new IllegalArgumentException("budgets must not be negative");
        }
        if (firstStepBytes < 1 || lastStepBytes < firstStepBytes) {
            throw new IllegalArgumentException(
                    "steps from " + firstStepBytes + " to " + lastStepBytes + " bytes");
        }
    }
}
