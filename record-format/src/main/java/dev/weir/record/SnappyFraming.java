// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import org.xerial.snappy.Snappy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Snappy blocks in the stream framing of snappy-java, which is what Kafka's Java client writes:
/// the 16 bytes `82 'SNAPPY' 00`, version 1, compatible version 1; then chunks, each a 4-byte
/// big-endian length and a snappy block.
///
/// Taken apart here and not by the library's stream, because that one allocates whatever size a
/// block claims to have.
final class SnappyFraming {

    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = MAGIC.length + 2 * Integer.BYTES;
    private static final int VERSION = 1;
    private static final int CHUNK_BYTES = 32 * 1024;

    private SnappyFraming() {}

    static byte[] compress(byte[] block, int from, int length) {
        int chunks = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        var out =
                ByteBuffer.allocate(
                        HEADER_BYTES
                                + chunks
                                        * (Integer.BYTES
                                                + Snappy.maxCompressedLength(
                                                        Math.min(length, CHUNK_BYTES))));
        out.put(MAGIC).putInt(VERSION).putInt(VERSION);
        try {
            for (int done = 0; done < length; done += CHUNK_BYTES) {
                int lengthAt = out.position();
                int chunk = Math.min(CHUNK_BYTES, length - done);
                int size =
                        Snappy.compress(
                                block, from + done, chunk, out.array(), lengthAt + Integer.BYTES);
                out.putInt(lengthAt, size).position(lengthAt + Integer.BYTES + size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /// Decompresses a block.
    ///
    /// @param block between position and limit; framed, or one bare snappy block as some clients
    ///   send
    static ByteBuffer decompress(ByteBuffer block, int limitBytes) throws IOException {
        var in = new byte[block.remaining()];
        block.get(block.position(), in);
        if (!isFramed(in)) {
            return ByteBuffer.wrap(appendChunk(in, 0, in.length, new byte[0], 0, limitBytes));
        }
        var frame = ByteBuffer.wrap(in).position(HEADER_BYTES);
        var out = new byte[0];
        int size = 0;
        while (frame.hasRemaining()) {
            int chunk = frame.remaining() < Integer.BYTES ? -1 : frame.getInt();
            if (chunk < 0 || chunk > frame.remaining()) {
                throw new CorruptBatchException(
                        "snappy chunk of " + chunk + " bytes with " + frame.remaining() + " left");
            }
            int chunkSize = uncompressedLength(in, frame.position(), chunk, size, limitBytes);
            out = appendChunk(in, frame.position(), chunk, out, size, limitBytes);
            size += chunkSize;
            frame.position(frame.position() + chunk);
        }
        return ByteBuffer.wrap(out, 0, size).slice();
    }

    private static boolean isFramed(byte[] in) {
        return in.length >= HEADER_BYTES
                && Arrays.equals(in, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    private static int uncompressedLength(byte[] in, int at, int length, int size, int limitBytes)
            throws IOException {
        long claimed = Snappy.uncompressedLength(in, at, length);
        if (claimed < 0 || claimed > limitBytes - size) {
            throw new DecompressedSizeExceededException(in.length, limitBytes);
        }
        return (int) claimed;
    }

    private static byte[] appendChunk(
            byte[] in, int at, int length, byte[] out, int size, int limitBytes)
            throws IOException {
        int chunkSize = uncompressedLength(in, at, length, size, limitBytes);
        var room = out;
        if (out.length - size < chunkSize) {
            room =
                    Arrays.copyOf(
                            out,
                            (int)
                                    Math.min(
                                            limitBytes,
                                            Math.max(2L * out.length, (long) size + chunkSize)));
        }
        int actual = Snappy.uncompress(in, at, length, room, size);
        if (actual != chunkSize) {
            throw new CorruptBatchException(
                    "snappy block of " + actual + " bytes claims " + chunkSize);
        }
        return room;
    }
}
