// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchFormat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Reads a segment file from its begin to where its batches end, as recovery would, and says why
/// they end there. Reads through a channel: nothing is mapped, so a damaged disk is an error and
/// not the end of the process.
final class SegmentFile {

    private static final Pattern NAME = Pattern.compile("\\d{20}\\.log");
    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final int ZERO_CHECK_BYTES = 64 * 1024;

    private final Path path;
    private final FileChannel channel;
    private final OptionalLong endOffset;
    private final ByteBuffer buffer = ByteBuffer.allocate(BATCH_BYTES_MAX);
    private long batches;
    private long records;
    private long expectedOffset;
    private int lastEpoch = RecordBatchFormat.NO_LEADER_EPOCH;

    private SegmentFile(Path path, FileChannel channel, OptionalLong endOffset) {
        this.path = path;
        this.channel = channel;
        this.endOffset = endOffset;
        this.expectedOffset = baseOffset(path);
    }

    /// Where the batches of a segment end, and why.
    ///
    /// @param bytes of batches
    /// @param nextOffset after the last record
    /// @param end for people
    /// @param problem what is wrong; empty for a sound segment
    record Scan(
            Path path,
            long batches,
            long records,
            long bytes,
            long nextOffset,
            String end,
            Optional<String> problem) {}

    /// Whether a file has a segment's name.
    static boolean isSegment(Path file) {
        return NAME.matcher(String.valueOf(file.getFileName())).matches();
    }

    /// Base offset in a segment's name; 0 for a file of another name.
    static long baseOffset(Path file) {
        var name = String.valueOf(file.getFileName());
        return isSegment(file) ? Long.parseLong(name.substring(0, 20)) : 0;
    }

    /// Reads a segment.
    ///
    /// @param endOffset base offset of the next segment: what is at or above it does not count
    /// @param each gets every batch; its view is good during the call
    static Scan scan(Path path, OptionalLong endOffset, Consumer<RecordBatch> each)
            throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new SegmentFile(path, channel, endOffset).scan(each);
        }
    }

    private Scan scan(Consumer<RecordBatch> each) throws IOException {
        var position = 0L;
        while (true) {
            read(position, RecordBatchFormat.HEADER_BYTES);
            if (isEnd()) {
                return end(position);
            }
            var header = BatchValidator.checkStoredHeader(buffer, 0, BATCH_BYTES_MAX);
            if (header instanceof BatchCheck.Valid(var batch)) {
                if (endOffset.isPresent() && batch.baseOffset() >= endOffset.getAsLong()) {
                    return result(
                            position,
                            "the next segment begins here; what is left was cut off",
                            null);
                }
                read(position, batch.sizeBytes());
                header = BatchValidator.checkStored(buffer, 0, BATCH_BYTES_MAX);
            }
            switch (header) {
                case BatchCheck.Malformed(var field, var reason) -> {
                    return bad(position, field + ": " + reason);
                }
                case BatchCheck.TooLarge(var size, var limit) -> {
                    return bad(position, "a batch of " + size + " bytes, above " + limit);
                }
                case BatchCheck.Valid(var batch) -> {
                    if (batch.baseOffset() < expectedOffset) {
                        return bad(
                                position,
                                "offset %d after %d"
                                        .formatted(batch.baseOffset(), expectedOffset - 1));
                    }
                    if (batch.leaderEpoch() < lastEpoch) {
                        return bad(
                                position,
                                "epoch %d after %d".formatted(batch.leaderEpoch(), lastEpoch));
                    }
                    count(batch);
                    each.accept(batch);
                    position += batch.sizeBytes();
                }
            }
        }
    }

    private void count(RecordBatch batch) {
        batches++;
        records += batch.recordCount();
        expectedOffset = batch.nextOffset();
        lastEpoch = batch.leaderEpoch();
    }

    /// The file's end, or the first zeros of space that is prepared for what comes.
    private boolean isEnd() {
        for (var i = 0; i < buffer.limit(); i++) {
            if (buffer.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private Scan end(long position) throws IOException {
        for (var at = position; at < channel.size(); at += ZERO_CHECK_BYTES) {
            read(at, ZERO_CHECK_BYTES);
            if (!isEnd()) {
                return bad(position, "zeros, and then bytes that are not zero");
            }
        }
        var prepared = channel.size() - position;
        return result(
                position,
                prepared == 0 ? "the file ends" : prepared + " bytes are prepared for what comes",
                null);
    }

    private Scan bad(long position, String reason) {
        return result(
                position,
                "no sound batch follows",
                "at byte %d: %s; recovery cuts the log off here unless this is before the end that it knows"
                        .formatted(position, reason));
    }

    private Scan result(long position, String end, @Nullable String problem) {
        return new Scan(
                path,
                batches,
                records,
                position,
                expectedOffset,
                "ends at byte " + position + ": " + end,
                Optional.ofNullable(problem));
    }

    /// Fills the buffer from `position`, with fewer bytes where the file ends.
    private void read(long position, int length) throws IOException {
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                break;
            }
        }
        buffer.flip();
    }
}
