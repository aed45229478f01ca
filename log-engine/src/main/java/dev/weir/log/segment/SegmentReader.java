// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.LogSlice;
import dev.weir.log.TimestampedOffset;
import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.RecordBatch;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads from one segment: from its mapping where it has one, else through its channel.
///
/// What comes through the channel may be of any age and is checked by CRC before it is given out.
/// What is mapped was written by this process, and a CRC over memory that the disk may fail to back
/// would end the process.
///
/// **Threading:** any thread.
public final class SegmentReader {

    private SegmentReader() {}

    /// What to read.
    ///
    /// @param offset where to begin
    /// @param maxBytes most bytes, except for the first batch
    /// @param endOffsetLimit no batch that reaches above it
    public record Request(long offset, int maxBytes, long endOffsetLimit) {}

    /// A slice without batches.
    public static LogSlice nothing(long offset) {
        return BufferSlice.empty(offset);
    }

    private record Extent(int position, int bytes, long baseOffset, long nextOffset) {}

    /// Reads if the bytes are mapped.
    ///
    /// @return empty if they are not. A slice without bytes if nothing lies between offset and
    ///   limit
    public static Optional<LogSlice> readMapped(Segment segment, Request request) {
        var end = segment.sizeBytes();
        var held = segment.mapping().retain();
        if (held.isEmpty()) {
            return Optional.empty();
        }
        var region = held.get();
        var keep = false;
        try {
            // A head may outgrow its mapping: then only what an index entry bounds is whole
            // batches.
            var mapped =
                    region.sizeBytes() >= end
                            ? null
                            : segment.index().view().floor(Long.MAX_VALUE, region.sizeBytes());
            if (mapped != null && mapped.offset() <= request.offset()) {
                return Optional.empty();
            }
            var mappedEnd = mapped == null ? end : mapped.position();
            var headers = BatchHeaders.mapped(segment.path(), region);
            var extent = find(headers, segment, mappedEnd, request);
            if (extent.bytes() == 0) {
                return Optional.of(BufferSlice.empty(request.offset()));
            }
            keep = true;
            return Optional.of(
                    new BufferSlice(
                            region.slice(extent.position(), extent.bytes()),
                            extent.baseOffset(),
                            extent.nextOffset(),
                            region::release));
        } catch (InternalError e) {
            // How Java reports a page that could not be read.
            throw new LogException.DiskFailedException(segment.path(), "mapped read", e);
        } finally {
            if (!keep) {
                region.release();
            }
        }
    }

    /// Reads through the channel. Waits for the disk.
    ///
    /// @return a slice without bytes if nothing lies between offset and limit
    /// @throws LogException.CorruptLogException if the first stored batch is damaged
    public static LogSlice readChannel(SegmentContext context, Segment segment, Request request) {
        var end = segment.sizeBytes();
        var file = segment.file();
        Extent extent;
        try (var headers = BatchHeaders.channel(segment.path(), file, context.buffers())) {
            extent = find(headers, segment, end, request);
        }
        if (extent.bytes() == 0) {
            return BufferSlice.empty(request.offset());
        }
        var buffer = context.buffers().take(extent.bytes());
        var keep = false;
        try {
            buffer.limit(extent.bytes());
            file.read(extent.position(), buffer);
            var sound = sound(segment, extent, buffer.flip());
            buffer.limit(sound.bytes());
            keep = true;
            return new BufferSlice(
                    buffer.slice().asReadOnlyBuffer(),
                    sound.baseOffset(),
                    sound.nextOffset(),
                    () -> context.buffers().give(buffer));
        } finally {
            if (!keep) {
                context.buffers().give(buffer);
            }
        }
    }

    /// The batches before the first damaged one: a reader gets those, and then an error that names
    /// the batch at fault.
    private static Extent sound(Segment segment, Extent extent, ByteBuffer bytes) {
        var nextOffset = extent.baseOffset();
        for (var at = 0; at < extent.bytes(); ) {
            var result = BatchValidator.checkStored(bytes, at, extent.bytes() - at);
            if (result instanceof BatchCheck.Valid(var batch)) {
                at += batch.sizeBytes();
                nextOffset = batch.nextOffset();
            } else if (at > 0) {
                return new Extent(extent.position(), at, extent.baseOffset(), nextOffset);
            } else {
                throw new LogException.CorruptLogException(
                        segment.path(), extent.position(), "a valid batch", result.toString());
            }
        }
        return extent;
    }

    private static Extent find(BatchHeaders headers, Segment segment, int end, Request request) {
        var index = segment.index().view();
        var start = index.floorOffset(request.offset()).position();
        RecordBatch batch = null;
        while (start < end) {
            batch = headers.at(start, end);
            if (batch.nextOffset() > request.offset()) {
                break;
            }
            start += batch.sizeBytes();
            batch = null;
        }
        if (batch == null || batch.nextOffset() > request.endOffsetLimit()) {
            return new Extent(0, 0, request.offset(), request.offset());
        }
        var baseOffset = batch.baseOffset();
        var nextOffset = batch.nextOffset();
        var position = start + batch.sizeBytes();
        var lastPosition = Math.min(end, start + (long) request.maxBytes());
        // Whole index intervals need not be walked.
        var entry = index.floor(request.endOffsetLimit(), lastPosition);
        if (entry.position() > position) {
            position = entry.position();
            nextOffset = entry.offset();
        }
        while (position < lastPosition) {
            batch = headers.at(position, end);
            if (position + (long) batch.sizeBytes() > lastPosition
                    || batch.nextOffset() > request.endOffsetLimit()) {
                break;
            }
            position += batch.sizeBytes();
            nextOffset = batch.nextOffset();
        }
        return new Extent(start, position - start, baseOffset, nextOffset);
    }

    /// The first batch whose largest timestamp is at or above a time. May wait for the disk.
    public static Optional<TimestampedOffset> findTimestamp(
            SegmentContext context, Segment segment, long timestampMs, long endOffsetLimit) {
        var end = segment.sizeBytes();
        var position = segment.index().view().floorTimestamp(timestampMs).position();
        try (var headers =
                BatchHeaders.channel(segment.path(), segment.file(), context.buffers())) {
            while (position < end) {
                var batch = headers.at(position, end);
                if (batch.nextOffset() > endOffsetLimit) {
                    return Optional.empty();
                }
                if (batch.maxTimestampMs() >= timestampMs) {
                    return Optional.of(
                            new TimestampedOffset(
                                    batch.baseOffset(),
                                    batch.maxTimestampMs(),
                                    batch.leaderEpoch()));
                }
                position += batch.sizeBytes();
            }
        }
        return Optional.empty();
    }

    /// Where a segment has to be cut so that nothing at or above an offset is left. Waits for the
    /// disk.
    ///
    /// @return an entry whose offset is at most the one asked for: below it where that lies inside
    ///   a batch
    public static SegmentIndex.Entry findCut(SegmentContext context, Segment segment, long offset) {
        var end = segment.sizeBytes();
        var from = segment.index().view().floorOffset(offset);
        var chain = from.chain();
        var maxTimestampMs = from.maxTimestampMs();
        var position = from.position();
        var batchChain = new BatchChain();
        try (var headers =
                BatchHeaders.channel(segment.path(), segment.file(), context.buffers())) {
            while (position < end) {
                var batch = headers.at(position, end);
                if (batch.nextOffset() > offset) {
                    var cut = Math.min(offset, batch.baseOffset());
                    return new SegmentIndex.Entry(cut, position, maxTimestampMs, chain);
                }
                chain = batchChain.next(chain, batch);
                maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
                position += batch.sizeBytes();
            }
        }
        return new SegmentIndex.Entry(offset, position, maxTimestampMs, chain);
    }

    /// Shows every batch header from a position on, in order. Waits for the disk.
    ///
    /// @param fromOffset batches that end at or below it are passed over
    /// @param endOffset stops before the first batch that reaches above it
    public static void forEachHeader(
            SegmentContext context,
            Segment segment,
            long fromOffset,
            long endOffset,
            Consumer<RecordBatch> visitor) {
        var end = segment.sizeBytes();
        var position = segment.index().view().floorOffset(fromOffset).position();
        try (var headers =
                BatchHeaders.channel(segment.path(), segment.file(), context.buffers())) {
            while (position < end) {
                var batch = headers.at(position, end);
                if (batch.nextOffset() > endOffset) {
                    return;
                }
                position += batch.sizeBytes();
                if (batch.nextOffset() > fromOffset) {
                    visitor.accept(batch);
                }
            }
        }
    }
}
