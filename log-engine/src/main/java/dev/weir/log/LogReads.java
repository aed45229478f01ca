// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.Segment;
import dev.weir.log.segment.SegmentContext;
import dev.weir.log.segment.SegmentReader;
import dev.weir.log.segment.SegmentReader.Request;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// Reads across segments. *Any thread.*
final class LogReads {

    private final Path directory;
    private final SegmentContext context;
    private final Supplier<SegmentList> segments;

    /// @param segments the published list
    LogReads(Path directory, SegmentContext context, Supplier<SegmentList> segments) {
        this.directory = directory;
        this.context = context;
        this.segments = segments;
    }

    /// Reads between an offset and a limit, both known to be in range.
    ReadResult read(Request request, boolean mayBlock) {
        while (true) {
            var list = segments.get();
            var result = read(list, request, mayBlock);
            if (result.isPresent()) {
                return result.get();
            }
            if (list.equals(segments.get())) {
                throw new LogException.LogClosedException(directory);
            }
        }
    }

    /// @return empty if a segment went away meanwhile: the list is old then
    private Optional<ReadResult> read(SegmentList list, Request request, boolean mayBlock) {
        for (var i = list.floor(request.offset()); i < list.all().size(); i++) {
            var segment = list.all().get(i);
            if (segment.baseOffset() >= request.endOffsetLimit()) {
                break;
            }
            if (!segment.tryRetain()) {
                return Optional.empty();
            }
            try {
                var mapped = SegmentReader.readMapped(segment, request);
                if (mapped.isEmpty() && !mayBlock) {
                    return Optional.of(new ReadResult.Cold());
                }
                var slice =
                        mapped.orElseGet(
                                () -> SegmentReader.readChannel(context, segment, request));
                if (slice.sizeBytes() > 0) {
                    return Optional.of(new ReadResult.Batches(slice));
                }
            } finally {
                segment.release();
            }
        }
        return Optional.of(nothing(request.offset()));
    }

    static ReadResult nothing(long offset) {
        return new ReadResult.Batches(SegmentReader.nothing(offset));
    }

    Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetLimit) {
        for (var segment : segments.get().all()) {
            if (segment.maxTimestampMs() >= timestampMs && segment.tryRetain()) {
                try {
                    var found = find(segment, timestampMs, endOffsetLimit);
                    if (found.isPresent()) {
                        return found;
                    }
                } finally {
                    segment.release();
                }
            }
        }
        return Optional.empty();
    }

    private Optional<TimestampedOffset> find(Segment segment, long timestampMs, long limit) {
        return SegmentReader.findTimestamp(context, segment, timestampMs, limit);
    }
}
