// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import java.nio.file.Path;

/// Why a data directory cannot be used. What the disk itself says comes as
/// [dev.weir.log.LogException], a directory in use by another process included.
public abstract sealed class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private StorageException(String message) {
        super(message);
    }

    /// The directory has no identity: it was never formatted, or was wiped.
    public static final class NotFormatted extends StorageException {

        private static final long serialVersionUID = 1L;

        public NotFormatted(Path path) {
            super(
                    path
                            + " is not formatted: run 'weir format --config FILE' for a new node,"
                            + " or mount the disk that holds this node's data");
        }
    }

    /// The directory belongs to another cluster or node.
    public static final class ForeignDirectory extends StorageException {

        private static final long serialVersionUID = 1L;

        ForeignDirectory(String reason) {
            super(
                    reason
                            + ": correct cluster.id or node.id, or give this node its own"
                            + " data.dir");
        }
    }

    /// The identity cannot be read.
    public static final class CorruptIdentity extends StorageException {

        private static final long serialVersionUID = 1L;

        CorruptIdentity(Path path, String reason) {
            super(
                    path
                            + "/meta.properties is damaged: "
                            + reason
                            + ": restore the file, or format an empty data.dir");
        }
    }

    /// `format` was asked for a directory that has an identity.
    public static final class AlreadyFormatted extends StorageException {

        private static final long serialVersionUID = 1L;

        AlreadyFormatted(Path path) {
            super(
                    path
                            + " is formatted already: start the node with 'weir server', or name"
                            + " an empty data.dir");
        }
    }

    /// `format` was asked for a directory without an identity that holds something.
    public static final class NotEmpty extends StorageException {

        private static final long serialVersionUID = 1L;

        NotEmpty(Path path, String found) {
            super(
                    path
                            + " is not empty ("
                            + found
                            + "): name an empty data.dir, or mount the disk that belongs there");
        }
    }
}
