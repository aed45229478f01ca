// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Clocks;
import dev.weir.broker.partition.FlushScheduler;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.PartitionServices;
import dev.weir.broker.partition.PartitionThreads;
import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.broker.storage.DirectoryStart.LastStop;
import dev.weir.broker.threads.PeriodicTask;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogDirectoryConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.CheckpointFile;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.checkpoint.OffsetCheckpoint;
import dev.weir.log.checkpoint.RunningMarker;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.RealDisk;
import dev.weir.log.disk.RoomDisk;
import dev.weir.log.segment.SegmentFileName;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/// The node's data directory, locked and open.
///
/// Order of a start: [#open] → register with [#start] → [#registered] → feed [#partitions] with
/// images at least as new as the registration, the first one whole → serve. Order of a stop: refuse
/// new work → [#close].
///
/// **Threading:** any thread; [#registered] and [#close] once.
public final class DataDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    private static final long TICK_MS = 50;
    private static final long RECOVERY_POINT_MS = 1_000;
    private static final long HIGH_WATERMARK_MS = 1_000;
    private static final long REOPEN_MS = 10_000;
    private static final long STRAYS_MS = TimeUnit.MINUTES.toMillis(10);
    private static final long DRAIN_MS = 10_000;

    /// What an empty directory may hold: what file systems put into their root, and what a format
    /// leaves that did not end.
    private static final Set<String> OF_NOBODY =
            Set.of("lost+found", DirectoryIdentity.FILE + CheckpointFile.TMP_SUFFIX);

    private final LogDirectory directory;
    private final RunningMarker marker;
    private final OffsetCheckpoint highWatermarks;
    private final StorageThreads threads;
    private final LocalPartitions partitions;
    private final DirectoryStart start;
    private final DirectoryPorts ports;
    private final FlushTimes flushTimes = new FlushTimes();
    private final LongAdder committedCuts = new LongAdder();
    private final AtomicBoolean failed = new AtomicBoolean();
    private volatile Map<PartitionId, Long> highWatermarksWritten = Map.of();
    private final AtomicBoolean confirmed = new AtomicBoolean();

    private DataDirectory(
            DataDirectoryConfig config, Environment environment, StorageThreads threads) {
        this.threads = threads;
        this.ports = environment.ports();
        directory =
                LogDirectory.open(
                        environment.disk(),
                        config.path(),
                        LogDirectoryConfig.DEFAULT,
                        threads.background());
        // An error under these files tells of the disk what one under a log does.
        var disk = directory.disk();
        marker =
                new RunningMarker(
                        disk, config.path(), directory.directoryId(), environment.bootId());
        highWatermarks = OffsetCheckpoint.highWatermarks(disk, config.path());
        start =
                new DirectoryStart(
                        environment.incarnation(),
                        directory.directoryId(),
                        lastStop(marker),
                        directory.isUnproven());
        var services =
                new PartitionServices(
                        new ReplicaIdentity(
                                config.nodeId(), start.incarnation(), start.directoryId()),
                        new PartitionThreads(
                                threads.workers(), threads.readers(), threads.recovery()),
                        new FlushScheduler(
                                flushTimes.timing(threads.flushes()), config.flushThreads()),
                        ports.partitions(),
                        this::onLogFailure,
                        committedCuts::increment,
                        environment.clocks(),
                        ReplicaLimits.DEFAULT.withLagTime(config.replicaLagTimeMaxMs()),
                        PartitionServices.MAILBOX_CAPACITY,
                        config.batchBytesMax());
        partitions =
                new LocalPartitions(
                        directory, services, threads.recovery(), highWatermarks.read().orNone());
    }

    /// What a directory stands on, so that a test can put something else there.
    ///
    /// @param incarnation random, new for each start
    /// @param ports to other nodes
    record Environment(
            Disk disk, BootId bootId, Clocks clocks, UUID incarnation, DirectoryPorts ports) {

        /// Free bytes that records leave to the cluster's metadata, which halts the node below a
        /// lower mark and without which no topic could be deleted to free space.
        private static final long ROOM_BYTES = 64L << 20;

        static Environment ofThisMachine(DirectoryPorts ports) {
            return new Environment(
                    new RoomDisk(new RealDisk(), ROOM_BYTES, SegmentFileName.LOG),
                    BootId.ofThisMachine(),
                    Clocks.SYSTEM,
                    UUID.randomUUID(),
                    ports);
        }
    }

    /// Makes an empty or missing directory this node's. Durable on return.
    ///
    /// @param metadata where the node's metadata are, which may be in it
    /// @throws StorageException.AlreadyFormatted if it has an identity
    /// @throws StorageException.NotEmpty if it holds anything else
    public static void format(Path path, Path metadata, DirectoryIdentity identity) {
        format(new RealDisk(), path, metadata, identity);
    }

    static void format(Disk disk, Path path, Path metadata, DirectoryIdentity identity) {
        disk.createDirectories(path);
        if (!(DirectoryIdentity.read(disk, path) instanceof DirectoryIdentity.Found.Missing)) {
            throw new StorageException.AlreadyFormatted(path);
        }
        var ofMetadata = metadata.toAbsolutePath().normalize();
        for (var entry : disk.list(path)) {
            var name = String.valueOf(entry.getFileName());
            if (!OF_NOBODY.contains(name)
                    && !ofMetadata.startsWith(entry.toAbsolutePath().normalize())) {
                throw new StorageException.NotEmpty(path, name);
            }
        }
        identity.writeTo(disk, path);
    }

    /// Reads whose directory it is, without locking it.
    ///
    /// @return empty if it is not formatted, or not even there
    /// @throws StorageException.CorruptIdentity it cannot be told
    public static Optional<DirectoryIdentity> identityOf(Path path) {
        return switch (DirectoryIdentity.read(new RealDisk(), path)) {
            case DirectoryIdentity.Found.Present(var identity) -> Optional.of(identity);
            case DirectoryIdentity.Found.Foreign(var identity, _) -> Optional.of(identity);
            case DirectoryIdentity.Found.Missing _ -> Optional.empty();
            case DirectoryIdentity.Found.Corrupt(var reason) ->
                    throw new StorageException.CorruptIdentity(path, reason);
        };
    }

    /// Locks a directory, checks that it is this node's, and reads how it was left.
    ///
    /// @param ports to the replicas on other nodes and to the controller
    /// @throws StorageException if it is not formatted or not this node's
    /// @throws LogException.DirectoryLockedException if another process has it
    public static DataDirectory open(DataDirectoryConfig config, DirectoryPorts ports) {
        return open(config, Environment.ofThisMachine(ports));
    }

    static DataDirectory open(DataDirectoryConfig config, Environment environment) {
        checkIdentity(config, environment.disk());
        var threads = StorageThreads.start(config);
        try {
            var opened = new DataDirectory(config, environment, threads);
            opened.startTimers();
            return opened;
        } catch (RuntimeException e) {
            threads.stopTimers();
            threads.stop();
            throw e;
        }
    }

    private static void checkIdentity(DataDirectoryConfig config, Disk disk) {
        var path = config.path();
        switch (DirectoryIdentity.read(disk, path, config.clusterId(), config.nodeId())) {
            case DirectoryIdentity.Found.Present _ -> {
                // It is ours.
            }
            case DirectoryIdentity.Found.Missing _ -> throw new StorageException.NotFormatted(path);
            case DirectoryIdentity.Found.Corrupt(String reason) ->
                    throw new StorageException.CorruptIdentity(path, reason);
            case DirectoryIdentity.Found.Foreign(_, String reason) ->
                    throw new StorageException.ForeignDirectory(reason);
        }
    }

    private static LastStop lastStop(RunningMarker marker) {
        return switch (marker.previousStop()) {
            case NEVER_RAN -> LastStop.NEW;
            case CLEAN -> LastStop.CLEAN;
            case PROCESS_CRASH -> LastStop.PROCESS_CRASH;
            case MACHINE_CRASH -> LastStop.SYSTEM_CRASH;
        };
    }

    /// What the registration reports.
    public DirectoryStart start() {
        return start;
    }

    /// The registration that reported [#start] is confirmed: a crash from now on is another one.
    /// Durable on return, unless the directory failed: nothing is appended to it any more then, so
    /// that what the marker said before holds.
    ///
    /// @param metadataOffset of the registration: no image below it is taken
    public void registered(long metadataOffset) {
        try {
            marker.markRunning(start.incarnation());
            confirmed.set(true);
        } catch (LogException e) {
            if (directory.failure().isEmpty()) {
                throw e;
            }
            onLogFailure(e);
        }
        partitions.registered(metadataOffset);
    }

    /// The partitions.
    public PartitionRegistry partitions() {
        return partitions;
    }

    /// Runs the partitions' turns.
    public Executor workers() {
        return threads.workers();
    }

    /// How long its flushes take.
    public FlushTimes flushTimes() {
        return flushTimes;
    }

    /// How often a replica gave up what it knew to be committed.
    public long committedCuts() {
        return committedCuts.sum();
    }

    /// Whether the directory failed: nothing is acknowledged from it any more.
    public boolean failed() {
        return failed.get();
    }

    private void onLogFailure(LogException failure) {
        var first = directory.failure();
        if (first.isPresent() && failed.compareAndSet(false, true)) {
            LOG.error("The data directory failed, all its partitions stop acknowledging");
            partitions.directoryFailed(first.get().getMessage() + "");
            ports.onFailed().accept(start.directoryId());
        } else if (first.isEmpty()) {
            LOG.warn("A log of the data directory failed", failure);
        }
    }

    private void startTimers() {
        every(threads.timer(), TICK_MS, "ticks of partitions", partitions::tick);
        var checkpoints = threads.checkpoints();
        every(checkpoints, RECOVERY_POINT_MS, "recovery points", directory::checkpoint);
        every(checkpoints, HIGH_WATERMARK_MS, "high watermarks", this::checkpointHighWatermarks);
        every(checkpoints, REOPEN_MS, "partitions to open again", partitions::reopen);
        every(checkpoints, STRAYS_MS, "removal of strays", partitions::removeStrays);
    }

    private void every(
            ScheduledExecutorService threads, long periodMs, String name, Runnable task) {
        var _ =
                PeriodicTask.start(
                        threads,
                        periodMs,
                        name,
                        () -> {
                            try {
                                task.run();
                            } catch (LogException e) {
                                onLogFailure(e);
                            }
                        });
    }

    private void checkpointHighWatermarks() {
        var now = partitions.highWatermarks();
        if (!failed.get() && !now.equals(highWatermarksWritten)) {
            highWatermarks.write(now);
            highWatermarksWritten = now;
        }
    }

    /// Flushes and closes every partition, writes the checkpoints and the clean marker. Unanswered
    /// produces are answered first, as far as they can be within 10 s.
    @Override
    public void close() {
        threads.stopTimers();
        var open = partitions.locals();
        var clean = await(open.stream().map(LocalPartition::drain).toList());
        clean &= await(open.stream().map(LocalPartition::close).toList());
        clean &=
                await(
                        open.stream()
                                .map(LocalPartition::log)
                                .map(
                                        log ->
                                                CompletableFuture.runAsync(
                                                        log::close, threads.recovery()))
                                .toList());
        clean &= partitions.all().size() == open.size();
        clean &= open.stream().allMatch(partition -> partition.log().failure().isEmpty());
        finish(clean && confirmed.get());
        threads.stop();
    }

    private void finish(boolean clean) {
        try {
            checkpointHighWatermarks();
            // A flush of the logs' closing may have been the first to fail: nobody told us.
            if (clean && directory.failure().isEmpty()) {
                marker.markClean(start.incarnation());
            }
        } catch (LogException e) {
            LOG.error("The data directory could not be closed in order", e);
        } finally {
            directory.close();
        }
    }

    /// @return whether all of it was done in time and without failure
    private static boolean await(List<CompletableFuture<Void>> tasks) {
        try {
            CompletableFuture.allOf(tasks.toArray(CompletableFuture[]::new))
                    .get(DRAIN_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("A partition could not be closed in order", e);
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
