// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import java.util.ArrayList;
import java.util.List;

/// What opening a log found and did.
///
/// @param logStartOffset first offset kept
/// @param logEndOffset exclusive end of what was kept; all of it is durable
/// @param recoveryPoint offset below which the log had been proved durable before
/// @param scannedBytes bytes that were read and checked
/// @param findings one for each segment or leftover that was not as a clean close leaves it
public record RecoveryReport(
        long logStartOffset,
        long logEndOffset,
        long recoveryPoint,
        long scannedBytes,
        List<Finding> findings) {

    /// One thing found.
    ///
    /// @param file name of the file, without its directory
    /// @param rule the row of the decision table, for example `CUT_TORN_TAIL`
    /// @param detail offsets and sizes, for people
    public record Finding(String file, String rule, String detail) {}

    /// Takes a copy.
    public RecoveryReport {
        findings = List.copyOf(findings);
    }

    /// The same, of a log that was then cut because nothing above was proved.
    RecoveryReport cutTo(long endOffset) {
        if (endOffset >= logEndOffset) {
            return this;
        }
        var all = new ArrayList<>(findings);
        all.add(
                new Finding(
                        "", "UNPROVEN_DROPPED", "offsets " + endOffset + " to " + logEndOffset));
        return new RecoveryReport(logStartOffset, endOffset, recoveryPoint, scannedBytes, all);
    }
}
