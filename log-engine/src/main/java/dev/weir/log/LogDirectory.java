// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.checkpoint.OffsetCheckpoint;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.FailStopDisk;
import dev.weir.log.segment.MapBudget;
import dev.weir.log.segment.PartitionFiles;
import dev.weir.log.segment.ReadBuffers;
import dev.weir.log.segment.SegmentContext;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.segment.SpaceBudget;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// One data directory: its lock, its identity, its budgets, and the partitions in it.
///
/// After the first I/O error of any log in it nothing later is acknowledged from this directory:
/// every log in it refuses appends and no flush proves anything. Reads go on. A full disk is not an
/// I/O error.
///
/// **Threading:** any thread.
public final class LogDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

    private final FailStopDisk disk;
    private final Path path;
    private final UUID directoryId;
    private final LogDirectoryConfig config;
    private final Executor background;
    private final LongSupplier nonces;
    private final Disk.Lock directoryLock;
    private final SegmentContext context;
    private final OffsetCheckpoint recoveryPointFile;
    private volatile boolean unproven;
    private final ReentrantLock lock = new ReentrantLock();
    private Map<PartitionId, Long> recoveryPoints; // guarded by lock; immutable, as in the file
    private final Map<PartitionId, PartitionLog> open = new TreeMap<>(); // guarded by lock
    // Logs that were closed since the last checkpoint, with their durable ends. Guarded by lock.
    private final Map<PartitionId, Long> closedAt = new TreeMap<>();

    private LogDirectory(
            FailStopDisk disk,
            Path path,
            LogDirectoryConfig config,
            Executor background,
            LongSupplier nonces) {
        this.disk = disk;
        this.path = path;
        this.config = config;
        this.background = background;
        this.nonces = nonces;
        this.directoryLock = disk.lock(path);
        try {
            this.directoryId = readIdentity(disk, path);
            refuseIfFailedBefore(disk, path);
            this.unproven = FailedMarker.isUnproven(disk, path);
            this.recoveryPointFile = OffsetCheckpoint.recoveryPoints(disk, path);
            this.recoveryPoints = recoveryPointFile.read().orNone();
        } catch (RuntimeException e) {
            directoryLock.close();
            throw e;
        }
        this.context =
                new SegmentContext(
                        disk,
                        new MapBudget(config.mapsMax(), config.mappedBytesMax(), background),
                        new SpaceBudget(config.preparedBytesMax()),
                        background,
                        new ReadBuffers());
    }

    /// Takes a directory that `DirectoryIdentity.writeTo` has formatted for this process.
    ///
    /// @param background runs what may wait for the disk but nobody waits for: preparing space,
    ///   unmapping, deleting. One or more threads that are never interrupted; a direct executor is
    ///   allowed and makes everything deterministic
    /// @throws LogException.DirectoryLockedException if another process has it
    /// @throws LogException.MissingFileException if it was never formatted, or wiped
    /// @throws LogException.CorruptLogException if its identity cannot be read
    /// @throws LogException.FailedBeforeException if an I/O error stopped it in an earlier run, and
    ///   nobody removed the file that says so
    public static LogDirectory open(
            Disk disk, Path path, LogDirectoryConfig config, Executor background) {
        return open(disk, path, config, background, new SecureRandom()::nextLong);
    }

    /// Takes a directory, with numbers for names from elsewhere.
    ///
    /// @param nonces random; one that repeats fails an operation, but harms no data
    public static LogDirectory open(
            Disk disk,
            Path path,
            LogDirectoryConfig config,
            Executor background,
            LongSupplier nonces) {
        // Only of a directory that is ours: what fails before has lost nothing.
        var opened = new AtomicBoolean();
        var failStop =
                new FailStopDisk(
                        disk,
                        failure -> {
                            LOG.atError()
                                    .addKeyValue("directory", path)
                                    .setCause(failure)
                                    .log("log directory failed: it takes no more appends");
                            if (opened.get()) {
                                // Not by the thread that met it: a failing disk may hang.
                                runOrDrop(
                                        background,
                                        () ->
                                                FailedMarker.write(
                                                        disk, path, failure.getMessage() + ""));
                            }
                        });
        var directory = new LogDirectory(failStop, path, config, background, nonces);
        opened.set(true);
        directory.deleteRenamedAway();
        return directory;
    }

    private static void refuseIfFailedBefore(Disk disk, Path path) {
        var reason = FailedMarker.read(disk, path);
        if (reason.isPresent()) {
            throw new LogException.FailedBeforeException(
                    path.resolve(FailedMarker.FILE), reason.get());
        }
    }

    private static UUID readIdentity(Disk disk, Path path) {
        var file = path.resolve(DirectoryIdentity.FILE);
        return switch (DirectoryIdentity.read(disk, path)) {
            case DirectoryIdentity.Found.Present(var identity) -> identity.directoryId();
            case DirectoryIdentity.Found.Missing _ ->
                    throw new LogException.MissingFileException(file);
            case DirectoryIdentity.Found.Corrupt(var reason) ->
                    throw new LogException.CorruptLogException(file, 0, "an identity", reason);
            case DirectoryIdentity.Found.Foreign(_, var reason) ->
                    throw new LogException.CorruptLogException(file, 0, "an identity", reason);
        };
    }

    /// What the metadata knows this directory by (KIP-858).
    public UUID directoryId() {
        return directoryId;
    }

    /// Where it is.
    public Path path() {
        return path;
    }

    /// The disk, which stops at the first I/O error: for the small files that the shell keeps here.
    public Disk disk() {
        return disk;
    }

    /// The partitions that have a directory here, in order. Those that were deleted are not among
    /// them, nor those that never took a record. Which of them are strays only the metadata can
    /// say.
    public List<PartitionId> partitions() {
        return disk.list(path).stream()
                .map(entry -> PartitionId.ofDirectoryName(nameOf(entry)))
                .flatMap(Optional::stream)
                .sorted()
                .toList();
    }

    private static String nameOf(Path path) {
        return path.getFileName().toString();
    }

    /// Removes a partition: its directory is renamed and that made durable before return, its files
    /// are deleted in the background. Its log, if open, is closed by this call: no turn of it may
    /// run. Does nothing where there is no such partition.
    public void delete(PartitionId partition) {
        lock.lock();
        try {
            closedAt.remove(partition);
            var log = open.remove(partition);
            if (log != null) {
                log.abandon();
            }
            // First, or a restart would miss what was durable.
            writeRecoveryPoints(Map.of(partition, 0L));
        } finally {
            lock.unlock();
        }
        var directory = path.resolve(partition.directoryName());
        if (disk.isDirectory(directory)) {
            var gone =
                    path.resolve(
                            "%s.%016x%s"
                                    .formatted(
                                            partition.directoryName(),
                                            nonces.getAsLong(),
                                            SegmentFileName.GONE));
            disk.rename(directory, gone);
            disk.syncDirectory(path);
            inBackground(() -> deleteTree(gone));
        }
    }

    private void deleteRenamedAway() {
        for (var entry : disk.list(path)) {
            if (nameOf(entry).endsWith(SegmentFileName.GONE) && disk.isDirectory(entry)) {
                inBackground(() -> deleteTree(entry));
            }
        }
    }

    private void deleteTree(Path directory) {
        try {
            disk.list(directory).forEach(disk::delete);
            disk.delete(directory);
        } catch (LogException e) {
            LOG.atWarn()
                    .addKeyValue("directory", directory)
                    .setCause(e)
                    .log("a deleted partition is left for the next start");
        }
    }

    private void inBackground(Runnable task) {
        // While it is closing: the next start finds it by its name.
        runOrDrop(background, task);
    }

    private static void runOrDrop(Executor background, Runnable task) {
        try {
            background.execute(task);
        } catch (RejectedExecutionException _) {
            // Closing.
        }
    }

    /// Whether it failed in an earlier run, an operator cleared that, and its logs were not
    /// recovered since: what they hold above their recovery points may exist in memory only.
    public boolean isUnproven() {
        // As it was found: a failure of this process is a matter of a later one.
        return unproven;
    }

    /// All logs are open that the directory is to have, each in the mode that such a directory
    /// wants. Durable on return.
    public void proved() {
        FailedMarker.proved(disk, path);
        unproven = false;
    }

    /// Writes the recovery points of all open logs, if any moved. To be called about once a second,
    /// on a thread that may wait for the disk.
    public void checkpoint() {
        lock.lock();
        try {
            var now = new TreeMap<>(closedAt);
            open.forEach((partition, log) -> now.put(partition, log.durableEndOffset()));
            writeRecoveryPoints(now);
            closedAt.clear();
        } finally {
            lock.unlock();
        }
    }

    /// Writes the file if any of these differs from it. 0 is the same as none.
    private void writeRecoveryPoints(Map<PartitionId, Long> changes) {
        var next = new TreeMap<>(recoveryPoints);
        changes.forEach(
                (partition, offset) -> {
                    if (offset == 0) {
                        next.remove(partition);
                    } else {
                        next.put(partition, offset);
                    }
                });
        if (!next.equals(recoveryPoints)) {
            recoveryPointFile.write(next);
            recoveryPoints = next;
        }
    }

    /// Offset below which a partition had been durable at the last checkpoint.
    long recoveryPoint(PartitionId partition) {
        lock.lock();
        try {
            return recoveryPoints.getOrDefault(partition, 0L);
        } finally {
            lock.unlock();
        }
    }

    /// Makes sure, durably, that the recovery point is not above an offset. The log must have
    /// lowered its durable end before, so that no checkpoint raises it again.
    void lowerRecoveryPoint(PartitionId partition, long offset) {
        lock.lock();
        try {
            if (recoveryPoints.getOrDefault(partition, 0L) > offset) {
                writeRecoveryPoints(Map.of(partition, offset));
            }
        } finally {
            lock.unlock();
        }
    }

    void opened(PartitionLog log) {
        lock.lock();
        try {
            closedAt.remove(log.partition());
            if (open.putIfAbsent(log.partition(), log) != null) {
                throw new IllegalStateException("opened twice: " + log.partition());
            }
        } finally {
            lock.unlock();
        }
    }

    void closed(PartitionLog log) {
        lock.lock();
        try {
            if (open.remove(log.partition(), log)) {
                closedAt.put(log.partition(), log.durableEndOffset());
            }
        } finally {
            lock.unlock();
        }
    }

    PartitionFiles files(PartitionId partition) {
        return new PartitionFiles(
                context, path.resolve(partition.directoryName()), partition, directoryId, nonces);
    }

    LogDirectoryConfig config() {
        return config;
    }

    /// Bytes allocated ahead of all heads and not yet written.
    public long preparedBytes() {
        return context.space().usedBytes();
    }

    /// Mappings that live now.
    public int maps() {
        return context.maps().maps();
    }

    /// The first I/O error, if there was one.
    public Optional<LogException.DiskFailedException> failure() {
        return disk.failure();
    }

    /// Writes the recovery points and frees the lock. The logs are closed before, by their owners.
    @Override
    public void close() {
        try {
            if (disk.failure().isEmpty()) {
                checkpoint();
            }
        } finally {
            directoryLock.close();
        }
    }
}
