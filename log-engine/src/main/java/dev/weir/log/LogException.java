// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/// The environment failed the log: a disk is full or broken, stored bytes are not what was written,
/// or the log or its directory is not open to the caller.
///
/// Unchecked, because only the partition's boundary can act on it. What a healthy cluster expects
/// (an old epoch, an offset out of range, a duplicate) is never an exception but a sealed result.
public abstract sealed class LogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Path path;

    private LogException(Path path, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.path = path;
    }

    /// The file or directory that the failure is about.
    public final Path path() {
        return path;
    }

    /// No room for what was asked. Nothing that was acknowledged is affected: reads go on, and the
    /// same call may succeed later. Bytes in the range that was being written are undefined.
    public static final class DiskFullException extends LogException {

        private static final long serialVersionUID = 1L;

        private final long requestedBytes;

        /// @param path file that could not grow, or directory that could not take an entry
        /// @param requestedBytes what was asked for, in bytes; 0 for a directory entry
        /// @param cause the system's error, if one came
        public DiskFullException(Path path, long requestedBytes, @Nullable Throwable cause) {
            super(path, "disk full: " + path + " asked for " + requestedBytes + " bytes", cause);
            this.requestedBytes = requestedBytes;
        }

        /// What was asked for, in bytes.
        public long requestedBytes() {
            return requestedBytes;
        }
    }

    /// A read, write, flush or directory operation failed with an I/O error, or the directory had
    /// already failed. After the first one nothing later in that directory may be acknowledged: a
    /// repeated flush reports success although the data is gone (fsyncgate).
    public static final class DiskFailedException extends LogException {

        private static final long serialVersionUID = 1L;

        private final String operation;

        /// @param path file or directory that the operation was on
        /// @param operation the port's word for it, for example `flush`
        /// @param cause the system's error or the first failure of the directory, if there is one
        public DiskFailedException(Path path, String operation, @Nullable Throwable cause) {
            super(path, operation + " failed: " + path + reason(cause), cause);
            this.operation = operation;
        }

        /// The operation that failed, in the port's words.
        public String operation() {
            return operation;
        }

        private static String reason(@Nullable Throwable cause) {
            return cause == null ? "" : ": " + cause;
        }
    }

    /// The process or the machine ran out of something that is not the disk's: file descriptors, or
    /// memory and room for mappings. Nothing that was acknowledged is affected, and the same call
    /// may succeed later. Bytes in a range that was being written are undefined. Never of a flush
    /// that had begun.
    public static final class ResourcesExhaustedException extends LogException {

        private static final long serialVersionUID = 1L;

        /// @param path file or directory that the operation was on
        /// @param operation the port's word for it, for example `open`
        /// @param cause the system's error
        public ResourcesExhaustedException(Path path, String operation, Throwable cause) {
            super(path, operation + " refused: " + path + ": " + cause, cause);
        }
    }

    /// Stored bytes are not what was written. They are never served and never replicated.
    public static final class CorruptLogException extends LogException {

        private static final long serialVersionUID = 1L;

        private final long position;
        private final String expected;
        private final String actual;

        /// @param path file that holds the bytes
        /// @param position where in the file, in bytes
        /// @param expected what the bytes had to be
        /// @param actual what they are
        public CorruptLogException(Path path, long position, String expected, String actual) {
            super(
                    path,
                    path + " at " + position + ": expected " + expected + ", found " + actual,
                    null);
            this.position = position;
            this.expected = expected;
            this.actual = actual;
        }

        /// Where in the file, in bytes.
        public long position() {
            return position;
        }

        /// What the bytes had to be.
        public String expected() {
            return expected;
        }

        /// What the bytes are.
        public String actual() {
            return actual;
        }
    }

    /// A file that must be there is not.
    public static final class MissingFileException extends LogException {

        private static final long serialVersionUID = 1L;

        /// @param path the file that is missing
        public MissingFileException(Path path) {
            super(path, "no such file: " + path, null);
        }
    }

    /// The log was closed, or failed earlier and takes no more calls.
    public static final class LogClosedException extends LogException {

        private static final long serialVersionUID = 1L;

        /// @param path the log's directory, or the closed file
        public LogClosedException(Path path) {
            super(path, "closed: " + path, null);
        }
    }

    /// An I/O error stopped the directory in an earlier run, and nobody has cleared it since.
    public static final class FailedBeforeException extends LogException {

        private static final long serialVersionUID = 1L;

        /// @param marker the file that says so
        /// @param reason what it says
        public FailedBeforeException(Path marker, String reason) {
            super(
                    marker,
                    marker.getParent()
                            + " failed in an earlier run ("
                            + reason
                            + "): fix or replace the disk; records since the last recovery point"
                            + " may be lost, and removing "
                            + marker
                            + " accepts that",
                    null);
        }
    }

    /// Another process holds the directory.
    public static final class DirectoryLockedException extends LogException {

        private static final long serialVersionUID = 1L;

        /// @param path the directory
        public DirectoryLockedException(Path path) {
            super(path, "in use by another process: " + path, null);
        }
    }
}
