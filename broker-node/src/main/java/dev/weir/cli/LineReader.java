// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Splits bytes into lines at `\n` and touches nothing else: no charset, no `\r`, empty lines are
/// lines. Bytes after the last `\n` are a line too, none is not. Used by one thread.
final class LineReader {

    private static final int BUFFER_BYTES = 256 * 1024;

    private final InputStream in;
    private final int lineBytesMax;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long lines;
    private boolean isLastLineOpen;

    /// @param lineBytesMax longest line taken, without its `\n`; a longer one is an error, not
    ///   memory
    LineReader(InputStream in, int lineBytesMax) {
        this.in = in;
        this.lineBytesMax = lineBytesMax;
    }

    /// The next line without its `\n`, or null at the end.
    ///
    /// @throws CommandFailure when the line is too long
    byte @Nullable [] next() throws IOException {
        byte[] head = new byte[0];
        while (true) {
            if (position == limit) {
                position = 0;
                limit = Math.max(0, in.read(buffer));
                if (limit == 0) {
                    return end(head);
                }
            }
            var start = position;
            while (position < limit && buffer[position] != '\n') {
                position++;
            }
            var line = join(head, start, position);
            if (position < limit) {
                position++;
                lines++;
                return line;
            }
            head = line;
        }
    }

    /// Lines returned so far.
    long lines() {
        return lines;
    }

    /// Whether the input ended without a `\n`, so that writing every line with one adds a byte.
    boolean isLastLineOpen() {
        return isLastLineOpen;
    }

    private byte @Nullable [] end(byte[] head) {
        if (head.length == 0) {
            return null;
        }
        lines++;
        isLastLineOpen = true;
        return head;
    }

    private byte[] join(byte[] head, int from, int to) {
        var length = head.length + (to - from);
        if (length > lineBytesMax) {
            throw new CommandFailure(
                    "line %d is longer than %d bytes, the largest record: split it"
                            .formatted(lines + 1, lineBytesMax));
        }
        var line = Arrays.copyOf(head, length);
        System.arraycopy(buffer, from, line, head.length, to - from);
        return line;
    }
}
