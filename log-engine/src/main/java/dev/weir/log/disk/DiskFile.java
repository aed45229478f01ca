// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// One open file.
///
/// **Threading:** any number of readers beside one writer; [#flush] may run beside writes and
/// promises nothing about a write that had not returned when it began.
///
/// **Failure:** as [Disk]; after [#close] every call throws
/// [dev.weir.log.LogException.LogClosedException].
public interface DiskFile extends AutoCloseable {

    /// The name under which it was opened. A rename does not change it.
    Path path();

    /// Size in bytes, unflushed growth included.
    long sizeBytes();

    /// Grows the file by space that is really allocated and reads as zeros, so that later writes
    /// into it cannot find the disk full and their flush changes no file-system structures.
    ///
    /// Durable, size and zeros, after [#flush].
    ///
    /// @param fromBytes must be [#sizeBytes]
    /// @param toBytes the new size; above `fromBytes`
    /// @throws dev.weir.log.LogException.DiskFullException the size is then `fromBytes` as before
    void allocate(long fromBytes, long toBytes);

    /// Writes all remaining bytes of all sources, one after another, from this position on, and
    /// grows the file where they pass its end. No gap may arise: `position <= sizeBytes()`.
    ///
    /// Visible to every reader and mapping on return; durable after [#flush]. When it throws, the
    /// bytes of the range are undefined.
    ///
    /// @param position in bytes
    /// @param sources their positions are at their limits on return
    void write(long position, ByteBuffer... sources);

    /// Fills the destination from this position on, up to the end of the file.
    ///
    /// @param position in bytes
    /// @param destination its position moves by what was read
    /// @return bytes read: `destination.remaining()`, or fewer at the end of the file, 0 behind it
    int read(long position, ByteBuffer destination);

    /// On return all bytes and the size that calls had returned for before this one began are on
    /// stable storage (`fdatasync`).
    ///
    /// When it throws, nothing that was unflushed may ever be taken for durable, whatever a later
    /// flush says: the system marks the lost pages clean.
    void flush();

    /// Cuts the file to this size. Durable after [#flush].
    ///
    /// @param sizeBytes at most [#sizeBytes]; not below a live mapping
    void trimTo(long sizeBytes);

    /// Shows the first bytes of the file, read-only. The view is live: later writes into the range
    /// appear in it. It outlives [#close] of this file and the file's deletion.
    ///
    /// @param bytes length of the view; at least 1, at most [#sizeBytes]; the range must be
    ///   allocated, never a hole, because a store's or load's page fault cannot report an error
    MappedBytes map(long bytes);

    /// Closes the handle. Flushes nothing: unflushed bytes must not be left in a closed file. A
    /// second call does nothing.
    @Override
    void close();
}
