// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// A reader's side of fetch credit: what the node may push is granted in portions, as records are
/// taken.
///
/// **Invariant:** granted minus consumed is at most the credit, so that what is on its way or waits
/// here is too (but for the first batch of a push, which may be larger).
public final class GrantLedger {

    private static final int PORTIONS = 4;

    private final long creditBytes;
    private long owedBytes;

    /// A ledger before its first grant.
    ///
    /// @param creditBytes most that may be outstanding
    public GrantLedger(long creditBytes) {
        this.creditBytes = creditBytes;
    }

    /// The grant that a stream begins with, in bytes.
    public long initialBytes() {
        return creditBytes;
    }

    /// Bytes were taken from what was pushed.
    ///
    /// @return bytes to grant now; 0: not worth a message yet
    public long consumed(long bytes) {
        owedBytes += bytes;
        if (owedBytes < creditBytes / PORTIONS) {
            return 0;
        }
        long granted = owedBytes;
        owedBytes = 0;
        return granted;
    }
}
