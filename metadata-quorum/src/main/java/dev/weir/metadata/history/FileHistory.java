// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.QuorumException;
import dev.weir.metadata.identity.AtomicFile;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatchCodec;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// The history on disk: chapters of an image and the batches after it.
///
/// **Invariant:** from the first chapter's image to [#latestOffset] there is no gap. Every applied
/// batch is appended, and flushed before the Raft log that could replay it is purged; batches that
/// are replayed after a restart are told apart by their offset. Where a batch is missing all the
/// same (another voter's snapshot, a history directory that somebody removed), everything older is
/// dropped.
///
/// **Threading:** the apply thread writes; any thread reads.
public final class FileHistory implements MetadataHistory, AutoCloseable {

    /// Reads that lost a race with retention before giving up.
    private static final int READ_ATTEMPTS_MAX = 5;

    private final Path directory;
    private final HistoryLimits limits;
    private final LongSupplier wallClockMs;

    /// Oldest first; never empty after [#open].
    private final Deque<Chapter> chapters = new ArrayDeque<>();

    private @Nullable DeltaFile head;
    private long latestOffset;

    private FileHistory(Path directory, HistoryLimits limits, LongSupplier wallClockMs) {
        this.directory = directory;
        this.limits = limits;
        this.wallClockMs = wallClockMs;
    }

    /// Opens the history, creating it if there is none, and cuts what a crash tore.
    ///
    /// @param wallClockMs wall time in milliseconds; retention only
    public static FileHistory open(Path directory, HistoryLimits limits, LongSupplier wallClockMs) {
        var history = new FileHistory(directory, limits, wallClockMs);
        synchronized (history) {
            history.load();
        }
        return history;
    }

    private void load() {
        try {
            Files.createDirectories(directory);
            try (var files = Files.list(directory)) {
                files.map(Chapter::ofImageFile)
                        .flatMap(Stream::ofNullable)
                        .sorted(Comparator.comparingLong(Chapter::baseOffset))
                        .forEach(chapters::add);
            }
            removeStrays();
        } catch (IOException e) {
            throw new QuorumException.Io(directory, "open", e);
        }
        if (chapters.isEmpty()) {
            begin(ClusterImage.EMPTY);
            return;
        }
        latestOffset = chapters.getLast().baseOffset();
        head =
                DeltaFile.open(
                        chapters.getLast().deltasFile(),
                        (index, term, timeMs, batch) -> {
                            latestOffset = index;
                            return true;
                        });
    }

    private void removeStrays() throws IOException {
        var known =
                chapters.stream()
                        .flatMap(
                                chapter ->
                                        List.of(chapter.imageFile(), chapter.deltasFile()).stream())
                        .toList();
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                if (!known.contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /// The state was replaced by `image`: at start, or by another voter's snapshot. Drops the past
    /// if batches are missing between it and the image.
    public synchronized void resume(ClusterImage image) {
        if (image.offset() <= latestOffset) {
            return;
        }
        closeHead();
        while (!chapters.isEmpty()) {
            chapters.removeFirst().delete();
        }
        begin(image);
    }

    /// Keeps an applied batch. Not durable before [#flush].
    ///
    /// @param index its metadata offset; at or below [#latestOffset] it is a replay and ignored
    /// @param term Raft term of its log entry
    /// @param batch the bytes that were proposed
    /// @param after the image after it
    public synchronized void append(long index, long term, byte[] batch, ClusterImage after) {
        if (index <= latestOffset) {
            return;
        }
        var nowMs = wallClockMs.getAsLong();
        head().append(index, term, nowMs, batch);
        latestOffset = index;
        var isFull = head().endBytes() >= limits.chapterBytes();
        var isOld = nowMs - chapters.getLast().beganMs() >= limits.chapterMs();
        if (isFull || isOld) {
            head().flush();
            closeHead();
            begin(after);
            expire(nowMs);
        }
    }

    /// Makes every appended batch durable.
    public synchronized void flush() {
        head().flush();
    }

    private void begin(ClusterImage image) {
        var chapter = new Chapter(directory, image.offset(), wallClockMs.getAsLong());
        BaseImageFile.write(chapter.imageFile(), chapter.beganMs(), image);
        chapters.addLast(chapter);
        head = DeltaFile.open(chapter.deltasFile(), (index, term, timeMs, batch) -> true);
        AtomicFile.syncDirectory(directory);
        latestOffset = image.offset();
    }

    /// Drops the oldest chapters while they are too old, or all of them too large. A chapter ends
    /// when the next begins, so that is when its age counts from.
    private void expire(long nowMs) {
        var bytes = chapters.stream().mapToLong(Chapter::bytes).sum();
        while (chapters.size() > 1) {
            var oldest = chapters.removeFirst();
            var isOld = nowMs - chapters.getFirst().beganMs() > limits.keepMs();
            if (!isOld && bytes <= limits.keepBytes()) {
                chapters.addFirst(oldest);
                return;
            }
            bytes -= oldest.bytes();
            oldest.delete();
        }
    }

    @Override
    public ImageAt imageAt(long offset) {
        for (var attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
            var found = find(offset);
            if (found == null) {
                return unavailable();
            }
            try {
                return new ImageAt.Found(replay(found, offset));
            } catch (NoSuchFileException e) {
                // Retention was faster; what is left answers the next attempt.
            } catch (IOException e) {
                throw new QuorumException.Io(found.chapter().imageFile(), "read", e);
            }
        }
        return unavailable();
    }

    private synchronized @Nullable Found find(long offset) {
        if (offset > latestOffset) {
            return null;
        }
        Chapter best = null;
        for (var chapter : chapters) {
            if (chapter.baseOffset() <= offset) {
                best = chapter;
            }
        }
        if (best == null) {
            return null;
        }
        var isHead = best.equals(chapters.getLast());
        return new Found(best, isHead ? head().endBytes() : Long.MAX_VALUE);
    }

    private synchronized ImageAt unavailable() {
        return new ImageAt.Unavailable(earliestOffset(), latestOffset);
    }

    private static ClusterImage replay(Found found, long offset) throws IOException {
        var chapter = found.chapter();
        var image = new ClusterImage[] {BaseImageFile.read(chapter.imageFile())};
        DeltaFile.read(
                chapter.deltasFile(),
                found.visibleBytes(),
                (index, term, timeMs, batch) -> {
                    if (index > offset) {
                        return false;
                    }
                    image[0] = next(chapter, image[0], index, term, batch);
                    return true;
                });
        return image[0];
    }

    private static ClusterImage next(
            Chapter chapter, ClusterImage image, long index, long term, byte[] batch) {
        return switch (image.apply(MetadataBatchCodec.decode(batch), term, index)) {
            case ApplyResult.Applied applied -> applied.image();
            case ApplyResult.Skipped skipped ->
                    throw new QuorumException.Corrupt(
                            chapter.deltasFile(), "batch " + index + ": " + skipped.reason());
        };
    }

    @Override
    public synchronized long earliestOffset() {
        return chapters.getFirst().baseOffset();
    }

    @Override
    public synchronized long latestOffset() {
        return latestOffset;
    }

    @Override
    public synchronized void close() {
        if (head != null) {
            head.flush();
        }
        closeHead();
    }

    private DeltaFile head() {
        if (head == null) {
            throw new IllegalStateException("the history is closed");
        }
        return head;
    }

    private void closeHead() {
        if (head != null) {
            head.close();
            head = null;
        }
    }

    /// @param visibleBytes what of the chapter's batches was complete when it was looked up
    private record Found(Chapter chapter, long visibleBytes) {}
}
