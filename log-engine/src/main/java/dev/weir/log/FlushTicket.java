// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// One flush of one log, between [PartitionLog#beginFlush] and [PartitionLog#complete].
///
/// **Threading:** [#run] once, on any thread that may wait for the disk and is never interrupted;
/// what it did becomes visible to the log only through [PartitionLog#complete], on the log's turn.
/// It never throws for the disk's sake: what happened is told by `complete`.
public interface FlushTicket extends Runnable {

    /// The log end offset, exclusive, that this flush will prove if it succeeds.
    long endOffset();

    /// Bytes of batches that were not durable when it began.
    long unflushedBytes();
}
