// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.disk;

import dev.weir.log.LogException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The [Disk] of a real Linux file system.
///
/// Stateless; one instance serves any number of directories. It reports errors and remembers none:
/// [FailStopDisk] around it does.
public final class RealDisk implements Disk {

    /// Name of the file that [#lock] locks.
    static final String LOCK_FILE = ".lock";

    @Override
    public DiskFile create(Path file) {
        try {
            return new RealDiskFile(
                    file,
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw IoErrors.of(file, "create", e);
        }
    }

    @Override
    public DiskFile open(Path file) {
        try {
            return new RealDiskFile(
                    file,
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw IoErrors.of(file, "open", e);
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public List<Path> list(Path directory) {
        var entries = new ArrayList<Path>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (var entry : stream) {
                if (entries.size() == LIST_ENTRIES_MAX) {
                    throw new IOException("more than " + LIST_ENTRIES_MAX + " entries");
                }
                entries.add(entry);
            }
        } catch (DirectoryIteratorException e) {
            throw IoErrors.of(directory, "list", new IOException(e));
        } catch (IOException e) {
            throw IoErrors.of(directory, "list", e);
        }
        entries.sort(Comparator.comparing(entry -> entry.getFileName().toString()));
        return List.copyOf(entries);
    }

    @Override
    public void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw IoErrors.of(directory, "createDirectories", e);
        }
    }

    @Override
    public void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw IoErrors.of(from, "rename", e);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw IoErrors.of(path, "delete", e);
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        try (var channel = openDirectory(directory)) {
            channel.force(true);
        } catch (IOException e) {
            throw IoErrors.ofFlush(directory, "syncDirectory", e);
        }
    }

    private static FileChannel openDirectory(Path directory) {
        try {
            return FileChannel.open(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            // Nothing was flushed yet, so nothing can have been lost.
            throw IoErrors.of(directory, "syncDirectory", e);
        }
    }

    @Override
    public long usableBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw IoErrors.of(directory, "usableBytes", e);
        }
    }

    @Override
    public Lock lock(Path directory) {
        var file = directory.resolve(LOCK_FILE);
        try {
            return tryLock(directory, file);
        } catch (IOException e) {
            throw IoErrors.of(file, "lock", e);
        }
    }

    private static Lock tryLock(Path directory, Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var locked = false;
        try {
            locked = channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            // This process holds it through another channel: as taken as by a stranger.
            locked = false;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
        if (!locked) {
            throw new LogException.DirectoryLockedException(directory);
        }
        return () -> {
            try {
                channel.close();
            } catch (IOException e) {
                throw IoErrors.of(file, "unlock", e);
            }
        };
    }
}
