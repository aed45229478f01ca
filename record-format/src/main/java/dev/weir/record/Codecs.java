// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;

import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// Compresses and decompresses a batch's block of records with the kept libraries.
///
/// Decompression never allocates by a size that the input names: output grows by doubling, up to
/// the limit, and the libraries' own windows are bounded by their formats (zstd 128 MiB, lz4 4 MiB,
/// deflate 32 KiB).
final class Codecs {

    private static final int FIRST_CHUNK_BYTES = 64 * 1024;

    private Codecs() {}

    /// Compresses a block.
    ///
    /// @return the compressed block
    static byte[] compress(Compression compression, byte[] block, int from, int length) {
        return switch (compression) {
            case NONE -> Arrays.copyOfRange(block, from, from + length);
            case GZIP -> stream(block, from, length, GZIPOutputStream::new);
            case SNAPPY -> SnappyFraming.compress(block, from, length);
            // 64 KiB independent blocks without checksums: what Kafka's own reader and writer use;
            // the batch has its CRC.
            case LZ4 ->
                    stream(
                            block,
                            from,
                            length,
                            out ->
                                    new LZ4FrameOutputStream(
                                            out,
                                            LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                                            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE));
            case ZSTD -> zstd(block, from, length);
        };
    }

    /// Decompresses a block of records within limits.
    ///
    /// @param block the compressed records, between position and limit
    /// @return the records, from index 0 to the limit; `block` itself if nothing was compressed
    static ByteBuffer decompress(Compression compression, ByteBuffer block, RecordLimits limits) {
        if (compression == Compression.NONE) {
            return block;
        }
        int limitBytes = limits.limitBytes(block.remaining());
        try {
            return switch (compression) {
                case NONE -> block;
                case GZIP ->
                        drain(new GZIPInputStream(input(block)), block.remaining(), limitBytes);
                case SNAPPY -> SnappyFraming.decompress(block, limitBytes);
                case LZ4 ->
                        drain(new LZ4FrameInputStream(input(block)), block.remaining(), limitBytes);
                case ZSTD ->
                        drain(
                                new ZstdInputStreamNoFinalizer(input(block)),
                                block.remaining(),
                                limitBytes);
            };
        } catch (IOException | RuntimeException e) {
            if (e instanceof RecordFormatException known) {
                throw known;
            }
            throw new CorruptBatchException(
                    "records do not decompress as " + compression.lowerCaseName(), e);
        }
    }

    private static byte[] zstd(byte[] block, int from, int length) {
        var to = new byte[(int) Zstd.compressBound(length)];
        long size =
                Zstd.compressByteArray(
                        to, 0, to.length, block, from, length, Zstd.defaultCompressionLevel());
        if (Zstd.isError(size)) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
        }
        return Arrays.copyOf(to, (int) size);
    }

    private static byte[] stream(byte[] block, int from, int length, Encoder encoder) {
        var bytes = new ByteArrayOutputStream(Math.max(256, length / 2));
        try (var out = encoder.on(bytes)) {
            out.write(block, from, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static InputStream input(ByteBuffer block) {
        if (block.hasArray()) {
            return new ByteArrayInputStream(
                    block.array(), block.arrayOffset() + block.position(), block.remaining());
        }
        var copy = new byte[block.remaining()];
        block.get(block.position(), copy);
        return new ByteArrayInputStream(copy);
    }

    private static ByteBuffer drain(InputStream in, int compressedBytes, int limitBytes)
            throws IOException {
        try (in) {
            var out = new byte[Math.min(limitBytes, FIRST_CHUNK_BYTES)];
            int size = 0;
            while (true) {
                int read = in.read(out, size, out.length - size);
                if (read < 0) {
                    return ByteBuffer.wrap(out, 0, size).slice();
                }
                size += read;
                if (size == out.length) {
                    if (size == limitBytes) {
                        if (in.read() < 0) {
                            return ByteBuffer.wrap(out);
                        }
                        throw new DecompressedSizeExceededException(compressedBytes, limitBytes);
                    }
                    out = Arrays.copyOf(out, (int) Math.min(limitBytes, 2L * out.length));
                }
            }
        }
    }

    /// Opens a compressing stream.
    private interface Encoder {
        OutputStream on(OutputStream out) throws IOException;
    }
}
