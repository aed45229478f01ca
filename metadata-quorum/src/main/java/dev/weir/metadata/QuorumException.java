// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

import java.nio.file.Path;

/// What the environment can do to the metadata plane: a wrong directory, a taken port, a failing
/// disk. The message is one line for an operator, cure included; nothing here is retried.
///
/// Outcomes that are expected in a healthy cluster (no controller, a refused command, an offset
/// that is no longer kept) are sealed results, never one of these.
public abstract sealed class QuorumException extends MetadataException {

    private static final long serialVersionUID = 1;

    private QuorumException(String message) {
        super(message);
    }

    private QuorumException(String message, Throwable cause) {
        super(message, cause);
    }

    /// The directory has no `meta.properties`: it was never formatted.
    public static final class NotFormatted extends QuorumException {
        private static final long serialVersionUID = 1;

        public NotFormatted(Path directory) {
            super(
                    directory
                            + " is not formatted: run 'weir format --config FILE' for a new node,"
                            + " or mount the disk that holds this node's metadata");
        }
    }

    /// `format` was asked for a directory that already holds something.
    public static final class NotEmpty extends QuorumException {
        private static final long serialVersionUID = 1;

        public NotEmpty(Path directory, String found) {
            super(
                    directory
                            + " is not empty ("
                            + found
                            + "): start a formatted node with 'weir server', or name an empty"
                            + " directory");
        }
    }

    /// `meta.properties` is there, but the voter's term, vote or log are gone. Such a voter has
    /// forgotten whom it voted for and must not come back under its old id.
    public static final class WipedDirectory extends QuorumException {
        private static final long serialVersionUID = 1;

        public WipedDirectory(Path directory, String detail) {
            super(
                    directory
                            + " was wiped: "
                            + detail
                            + "; replace this voter: format an empty directory, which gives it a"
                            + " new identity");
        }
    }

    /// The directory belongs to another cluster or another node.
    public static final class ForeignDirectory extends QuorumException {
        private static final long serialVersionUID = 1;

        public ForeignDirectory(Path directory, String what, String expected, String actual) {
            super(
                    directory
                            + " has "
                            + what
                            + " "
                            + actual
                            + ", this node expects "
                            + expected
                            + ": use this directory's own configuration, or give this node its"
                            + " own metadata.dir");
        }
    }

    /// Another process, or another node in this process, has the directory open.
    public static final class DirectoryLocked extends QuorumException {
        private static final long serialVersionUID = 1;

        public DirectoryLocked(Path directory) {
            super(
                    directory
                            + " is in use by another process: stop that one, or give this node its"
                            + " own metadata.dir");
        }
    }

    /// The quorum's port cannot be bound.
    public static final class PortTaken extends QuorumException {
        private static final long serialVersionUID = 1;

        public PortTaken(String host, int port, Throwable cause) {
            super(
                    "cannot listen for the metadata quorum on "
                            + host
                            + ":"
                            + port
                            + " (quorum.listen.address): "
                            + cause.getMessage()
                            + ": stop what uses the port, or choose another one",
                    cause);
        }
    }

    /// A file of the directory cannot be parsed or fails its checksum.
    public static final class Corrupt extends QuorumException {
        private static final long serialVersionUID = 1;

        public Corrupt(Path file, String detail) {
            super(
                    file
                            + " is corrupt: "
                            + detail
                            + ": restore it from a copy, or replace this node");
        }
    }

    /// The disk refused: no space, no permission, an I/O error.
    public static final class Io extends QuorumException {
        private static final long serialVersionUID = 1;

        public Io(Path path, String what, Throwable cause) {
            super(
                    "cannot "
                            + what
                            + " "
                            + path
                            + ": "
                            + cause
                            + ": check the disk, its free space and permissions",
                    cause);
        }
    }

    /// The quorum could not be started for a reason not listed above.
    public static final class StartFailed extends QuorumException {
        private static final long serialVersionUID = 1;

        public StartFailed(Path directory, String detail, Throwable cause) {
            super(
                    "cannot start the metadata quorum in "
                            + directory
                            + ": "
                            + detail
                            + ": WEIR_DEBUG=1 shows where this comes from",
                    cause);
        }
    }
}
