// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.QuorumException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// The applied batches of one chapter of the history, oldest first.
///
/// Big-endian. After the 8 bytes `WEIRHDL1`, one record a batch:
///
/// | offset | size | field    | note                                                |
/// |-------:|-----:|----------|-----------------------------------------------------|
/// |      0 |    4 | `length` | bytes from `index` to the end of the record         |
/// |      4 |    4 | `crc`    | CRC-32C of the bytes that `length` counts           |
/// |      8 |    8 | `index`  | metadata offset of the batch; rises                 |
/// |     16 |    8 | `term`   | Raft term of its log entry                          |
/// |     24 |    8 | `timeMs` | wall time of its application on this node           |
/// |     32 |    … | batch    | the bytes that were proposed                        |
///
/// The first record that is cut short or fails its checksum ends the file: a crash tore it, and the
/// Raft log still has what was there, because the history is flushed before that log is purged.
///
/// **Threading:** written by one thread; [#read] opens its own channel.
final class DeltaFile implements AutoCloseable {

    static final byte[] MAGIC = "WEIRHDL1".getBytes(StandardCharsets.US_ASCII);

    private static final int FRAME_BYTES = 8;
    private static final int FIXED_BYTES = 24;
    private static final int RECORD_BYTES_MAX = FIXED_BYTES + (1 << 20);

    private final Path file;
    private final FileChannel channel;
    private long endBytes;

    private DeltaFile(Path file, FileChannel channel, long endBytes) {
        this.file = file;
        this.channel = channel;
        this.endBytes = endBytes;
    }

    /// Told every whole record of a file, in order.
    @FunctionalInterface
    interface Reader {

        /// @return false to stop reading
        boolean accept(long index, long term, long timeMs, byte[] batch);
    }

    /// Opens a chapter for appending; what a crash tore off its end is cut away.
    static DeltaFile open(Path file, Reader existing) {
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            var end = scan(channel, channel.size(), existing);
            if (end == 0) {
                channel.truncate(0);
                end = writeFully(channel, 0, ByteBuffer.wrap(MAGIC));
            } else if (end < channel.size()) {
                channel.truncate(end);
            }
            return new DeltaFile(file, channel, end);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new QuorumException.Io(file, "open", e);
        }
    }

    /// Reads the records in the first `visibleBytes` of a file, all of which were whole once.
    ///
    /// @throws IOException the file cannot be read, or is gone
    /// @throws QuorumException.Corrupt a record is damaged
    static void read(Path file, long visibleBytes, Reader reader) throws IOException {
        try (var in = FileChannel.open(file, StandardOpenOption.READ)) {
            var limit = Math.min(visibleBytes, in.size());
            var stopped = new boolean[1];
            var end =
                    scan(
                            in,
                            limit,
                            (index, term, timeMs, batch) -> {
                                stopped[0] = !reader.accept(index, term, timeMs, batch);
                                return !stopped[0];
                            });
            if (!stopped[0] && end < limit) {
                throw new QuorumException.Corrupt(file, "record at byte " + end);
            }
        }
    }

    /// Appends one record. Not durable before [#flush].
    void append(long index, long term, long timeMs, byte[] batch) {
        var record = ByteBuffer.allocate(FRAME_BYTES + FIXED_BYTES + batch.length);
        record.position(FRAME_BYTES);
        record.putLong(index).putLong(term).putLong(timeMs).put(batch);
        record.putInt(0, FIXED_BYTES + batch.length);
        record.putInt(4, crc(record.array(), FRAME_BYTES, FIXED_BYTES + batch.length));
        record.flip();
        try {
            endBytes = writeFully(channel, endBytes, record);
        } catch (IOException e) {
            throw new QuorumException.Io(file, "append to", e);
        }
    }

    /// Makes every record durable.
    void flush() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new QuorumException.Io(file, "flush", e);
        }
    }

    /// Bytes of whole records, header included.
    long endBytes() {
        return endBytes;
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    /// @return where the whole records end; 0 if not even the header is there
    private static long scan(FileChannel channel, long limit, Reader reader) throws IOException {
        var header = ByteBuffer.allocate(MAGIC.length);
        if (limit < MAGIC.length
                || !readFully(channel, 0, header)
                || !header.flip().equals(ByteBuffer.wrap(MAGIC))) {
            return 0;
        }
        long at = MAGIC.length;
        var frame = ByteBuffer.allocate(FRAME_BYTES);
        while (at + FRAME_BYTES <= limit && readFully(channel, at, frame.clear())) {
            var length = frame.getInt(0);
            if (length < FIXED_BYTES
                    || length > RECORD_BYTES_MAX
                    || at + FRAME_BYTES + length > limit) {
                break;
            }
            var body = ByteBuffer.allocate(length);
            if (!readFully(channel, at + FRAME_BYTES, body)
                    || crc(body.array(), 0, length) != frame.getInt(4)) {
                break;
            }
            at += FRAME_BYTES + length;
            if (!deliver(body.flip(), reader)) {
                break;
            }
        }
        return at;
    }

    private static boolean deliver(ByteBuffer body, Reader reader) {
        var index = body.getLong();
        var term = body.getLong();
        var timeMs = body.getLong();
        var batch = new byte[body.remaining()];
        body.get(batch);
        return reader.accept(index, term, timeMs, batch);
    }

    private static boolean readFully(FileChannel channel, long at, ByteBuffer into)
            throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, at + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static long writeFully(FileChannel channel, long at, ByteBuffer from)
            throws IOException {
        var end = at;
        while (from.hasRemaining()) {
            end += channel.write(from, end);
        }
        return end;
    }

    private static int crc(byte[] bytes, int from, int length) {
        var crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // What was written is either flushed or will be replayed; nothing depends on this.
        }
    }
}
