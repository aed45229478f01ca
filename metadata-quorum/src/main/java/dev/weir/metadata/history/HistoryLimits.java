// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

/// How much of the past is kept.
///
/// @param keepMs age, in milliseconds of wall time, up to which batches are kept
/// @param keepBytes bytes on disk; the newest chapter is kept even if it alone is larger
public record HistoryLimits(long keepMs, long keepBytes) {

    /// A new chapter begins after this part of the time and of the bytes, so that dropping the
    /// oldest one drops about that much.
    private static final int CHAPTERS = 8;

    private static final long CHAPTER_BYTES_MAX = 4L << 20;

    public HistoryLimits {
        if (keepMs <= 0 || keepBytes <= 0) {
            throw new IllegalArgumentException("keepMs " + keepMs + ", keepBytes " + keepBytes);
        }
    }

    long chapterMs() {
        return Math.max(1, keepMs / CHAPTERS);
    }

    long chapterBytes() {
        return Math.max(1, Math.min(CHAPTER_BYTES_MAX, keepBytes / CHAPTERS));
    }
}
