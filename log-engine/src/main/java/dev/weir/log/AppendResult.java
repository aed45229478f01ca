// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

/// What an append did.
///
/// @param baseOffset offset of the first record appended
/// @param endOffset log end offset after the append, exclusive
/// @param sizeBytes bytes written
/// @param rolled whether a new segment was begun, the log's first included
public record AppendResult(long baseOffset, long endOffset, int sizeBytes, boolean rolled) {}
