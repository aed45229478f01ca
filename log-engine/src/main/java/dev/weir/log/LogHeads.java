// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.Segment;

/// Makes a log's heads, and the file of the next one ahead of time.
///
/// **Threading:** the log's writer.
final class LogHeads {

    private final PartitionFiles files;
    private final LogDirectoryConfig directoryConfig;
    private final NextSegment next;
    private int stepBytes;
    private boolean directoryExists;
    private boolean directoryNew;

    LogHeads(PartitionFiles files, LogDirectoryConfig directoryConfig) {
        this.files = files;
        this.directoryConfig = directoryConfig;
        this.next = new NextSegment(files, files.context().background());
        this.stepBytes = directoryConfig.firstStepBytes();
    }

    static boolean hasRoom(Segment head, int bytes, LogConfig config, long nowMs) {
        if (head.isSealed()) {
            return false;
        }
        return head.sizeBytes() == 0
                || (head.sizeBytes() + (long) bytes <= config.segmentBytes()
                        && nowMs - head.createdMs() < config.segmentMs());
    }

    /// A new head. Its files are not durable.
    Segment create(long baseOffset, LogConfig config, long nowMs) {
        ensureDirectory();
        var prepared = next.take();
        try {
            return Segment.head(
                    files.context(),
                    files.createSegment(baseOffset, prepared),
                    new Segment.HeadOptions(
                            config.segmentBytes(),
                            config.indexIntervalBytes(),
                            stepBytes,
                            directoryConfig.lastStepBytes()),
                    prepared.map(PartitionFiles.Prepared::bytes).orElse(0L),
                    nowMs);
        } catch (LogException e) {
            prepared.ifPresent(files::discard);
            throw e;
        }
    }

    void ensureDirectory() {
        if (!directoryExists) {
            directoryNew = files.create();
            directoryExists = true;
        }
    }

    /// Whether the partition's directory may not be durable in its parent.
    boolean isDirectoryNew() {
        return directoryNew;
    }

    void flushed(boolean directoryToo) {
        if (directoryToo) {
            directoryNew = false;
        }
    }

    /// Asks for the file of the next segment once this one is half full.
    void prepareNext(Segment head, LogConfig config) {
        if (head.sizeBytes() > config.segmentBytes() / 2) {
            stepBytes = Math.min(head.nextStepBytes(stepBytes), config.segmentBytes());
            next.ask(stepBytes);
        }
    }

    void close() {
        next.close();
    }
}
