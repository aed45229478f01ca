// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.Segment;

import java.util.Optional;

/// The flushing part of a log: what a flush covers, and what it proved.
///
/// **Threading:** the log's writer.
final class LogFlushes {

    private final LogContents log;

    LogFlushes(LogContents log) {
        this.log = log;
    }

    Optional<FlushTicket> begin() {
        if (log.closed
                || log.failure != null
                || log.inFlight != null
                || log.unfinished != LogContents.Cut.NONE) {
            return Optional.empty();
        }
        var dirty = log.segments.dirty();
        if (dirty.isEmpty() && log.durableEndOffset == log.endOffset) {
            return Optional.empty();
        }
        var parts = dirty.stream().map(Segment::beginFlush).toList();
        var scope =
                new LogFlush.Scope(
                        log.generation,
                        log.endOffset,
                        parts,
                        log.heads.isDirectoryNew(),
                        log.epochs,
                        log.snapshots);
        var flush = new LogFlush(scope, log.files, log.stateFiles);
        log.inFlight = flush;
        return Optional.of(flush);
    }

    FlushResult complete(FlushTicket ticket) {
        if (!(ticket instanceof LogFlush flush)) {
            throw new IllegalArgumentException("a ticket from elsewhere");
        }
        var error = flush.finish();
        if (flush == log.inFlight) {
            log.inFlight = null;
        }
        if (log.closed) {
            return new FlushResult.Superseded();
        }
        var broken = log.directory.failure();
        if (broken.isPresent()) {
            return new FlushResult.Failed(log.fail(broken.get()));
        }
        if (flush.scope().generation() != log.generation) {
            // Whatever happened to files that are no longer the log's.
            return new FlushResult.Superseded();
        }
        if (error != null) {
            return LogContents.isPassing(error)
                    ? new FlushResult.Refused(error)
                    : new FlushResult.Failed(log.fail(error));
        }
        flush.scope().parts().forEach(part -> part.segment().flushed(part));
        log.heads.flushed(flush.scope().directoryNew());
        var written = flush.scope().snapshots();
        log.snapshots = log.snapshots.stream().filter(one -> !written.contains(one)).toList();
        log.durableEndOffset = Math.max(log.durableEndOffset, flush.endOffset());
        return new FlushResult.Durable(log.durableEndOffset);
    }
}
