// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The first bytes of a file as memory, read-only, until it is closed.
///
/// **Threading:** any thread may read. [#close] is called once, by the one who counts the readers,
/// when none is left: a Java access after it throws `IllegalStateException`, but an address that
/// was handed to native code must not be used any more.
public interface MappedBytes extends AutoCloseable {

    /// Length of the view in bytes.
    long sizeBytes();

    /// A read-only, big-endian view of a part. Direct on a real disk, on the heap in a simulated
    /// one. Not to be used after [#close].
    ///
    /// @param position in bytes
    /// @param bytes length; `position + bytes <= sizeBytes()`
    ByteBuffer slice(long position, int bytes);

    /// The whole view as a read-only segment.
    MemorySegment segment();

    /// Unmaps. A second call does nothing.
    @Override
    void close();
}
