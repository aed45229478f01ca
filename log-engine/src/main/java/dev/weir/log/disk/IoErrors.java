// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import dev.weir.log.LogException;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Names the system's I/O errors in the port's words.
final class IoErrors {

    /// Java passes ENOSPC and EDQUOT on as text only.
    private static final List<String> FULL_REASONS =
            List.of("No space left on device", "Disk quota exceeded", "File too large");

    /// EMFILE, ENFILE and ENOMEM, the last one also as the words of the library for a mapping.
    private static final List<String> EXHAUSTED_REASONS =
            List.of("Too many open files", "Cannot allocate memory", "Map failed");

    private IoErrors() {}

    /// The exception to throw for a failed call that did not ask for space.
    static RuntimeException of(Path path, String operation, IOException error) {
        return of(path, operation, 0, error);
    }

    /// The exception to throw for a failed call.
    ///
    /// @param requestedBytes space the call asked for
    static RuntimeException of(
            Path path, String operation, long requestedBytes, IOException error) {
        return switch (error) {
            // Somebody broke the rule that no thread at a file is interrupted: the channel is gone
            // under everybody, with bytes that may be unflushed.
            case ClosedByInterruptException interrupted ->
                    new LogException.DiskFailedException(path, operation, interrupted);
            case ClosedChannelException _ -> new LogException.LogClosedException(path);
            case NoSuchFileException _ -> new LogException.MissingFileException(path);
            case FileAlreadyExistsException _ ->
                    new IllegalStateException(operation + ": already exists: " + path, error);
            case DirectoryNotEmptyException _ ->
                    new IllegalStateException(operation + ": directory not empty: " + path, error);
            case IOException _ when says(error, FULL_REASONS) ->
                    new LogException.DiskFullException(path, requestedBytes, error);
            case IOException _ when says(error, EXHAUSTED_REASONS) ->
                    new LogException.ResourcesExhaustedException(path, operation, error);
            default -> new LogException.DiskFailedException(path, operation, error);
        };
    }

    /// The exception to throw for a failed flush: always a failed disk, a full one included,
    /// because the pages it could not write are marked clean either way.
    static RuntimeException ofFlush(Path path, String operation, IOException error) {
        return switch (error) {
            case ClosedByInterruptException interrupted ->
                    new LogException.DiskFailedException(path, operation, interrupted);
            case ClosedChannelException _ -> new LogException.LogClosedException(path);
            case NoSuchFileException _ -> new LogException.MissingFileException(path);
            default -> new LogException.DiskFailedException(path, operation, error);
        };
    }

    private static boolean says(IOException error, List<String> reasons) {
        var message = error.getMessage();
        return message != null && reasons.stream().anyMatch(message::contains);
    }
}
