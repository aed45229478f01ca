// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.broker.partition.Clocks;
import dev.weir.broker.partition.FlushScheduler;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionPorts;
import dev.weir.broker.partition.PartitionServices;
import dev.weir.broker.partition.PartitionThreads;
import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.broker.storage.AfterFailure;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.storage.ReplicaChange;
import dev.weir.log.LogConfig;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogDirectoryConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.log.RecoveryMode;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.checkpoint.OffsetCheckpoint;
import dev.weir.log.checkpoint.RunningMarker;
import dev.weir.log.sim.SimulatedDisk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executor;

/// The data directory of one life of a node: the real log engine and the real partitions on its
/// simulated disk, with executors that only queue events.
final class NodeStorage implements PartitionRegistry {

    static final Path PATH = Path.of("/data");

    private static final LogDirectoryConfig DIRECTORY =
            new LogDirectoryConfig(1 << 20, 64, 1 << 20, 1 << 10, 4 << 10);

    private static final int BATCH_BYTES_MAX = 16 << 10;
    private static final int MAILBOX_CAPACITY = 256;

    private final Simulation simulation;
    private final SimNode node;
    private final LogDirectory directory;
    private final RunningMarker marker;
    private final RunningMarker.PreviousStop previousStop;
    private final OffsetCheckpoint highWatermarkFile;
    private final Map<PartitionId, Long> highWatermarks;
    private final PartitionServices services;
    private final LogConfig logConfig;
    private final Map<PartitionId, ReplicaChange.Assigned> assigned = new TreeMap<>();
    private final Map<PartitionId, LocalPartition> open = new TreeMap<>();
    private final Runnable onFailed;
    private final boolean isUnproven;
    private boolean isFollowing;
    private boolean isFailed;

    /// @param onFailed told once that the directory failed
    NodeStorage(Simulation simulation, SimNode node, PartitionPorts ports, Runnable onFailed) {
        this.simulation = simulation;
        this.node = node;
        this.onFailed = onFailed;
        var engine = simulation.engine();
        var disk = node.disk();
        var nonces = engine.random.split();
        directory = LogDirectory.open(disk, PATH, DIRECTORY, Runnable::run, nonces::nextLong);
        isUnproven = directory.isUnproven();
        marker =
                new RunningMarker(
                        directory.disk(),
                        PATH,
                        directory.directoryId(),
                        new BootId("boot-" + node.boot()));
        previousStop = marker.previousStop();
        highWatermarkFile = OffsetCheckpoint.highWatermarks(directory.disk(), PATH);
        highWatermarks = highWatermarkFile.read().orNone();
        logConfig = new LogConfig(engine.pick(1 << 10, 4 << 10, 16 << 10), 3_600_000, 512);
        var clocks = new Clocks(() -> node.monotonicMs() * 1_000_000, node::wallMs);
        services =
                new PartitionServices(
                        new ReplicaIdentity(node.id(), node.incarnation(), directory.directoryId()),
                        new PartitionThreads(later("turn", 1), later("read", 4), later("cut", 10)),
                        new FlushScheduler(later("flush", simulation.plan().flushMs()), 2),
                        ports,
                        this::onLogFailure,
                        () -> {},
                        clocks,
                        ReplicaLimits.DEFAULT,
                        MAILBOX_CAPACITY,
                        BATCH_BYTES_MAX);
        tick();
        engine.on(node, 200 + engine.below(800), "recovery point", this::checkpoint);
        engine.on(node, 400 + engine.below(2_000), "checkpoint", this::checkpointHighWatermarks);
    }

    /// Makes an empty directory with a new identity.
    static void format(SimulatedDisk disk, UUID clusterId, int nodeId, UUID directoryId) {
        disk.createDirectories(PATH);
        disk.syncDirectory(PATH.getRoot());
        new DirectoryIdentity(clusterId, nodeId, directoryId).writeTo(disk, PATH);
    }

    private Executor later(String what, int mostMs) {
        var engine = simulation.engine();
        return task -> engine.on(node, engine.below(mostMs), what, task);
    }

    private void tick() {
        var engine = simulation.engine();
        engine.on(node, 40 + engine.below(60), "tick", this::tick);
        open.values().forEach(LocalPartition::tick);
    }

    private void checkpoint() {
        var engine = simulation.engine();
        engine.on(node, 500 + engine.below(1_500), "recovery point", this::checkpoint);
        if (!isFailed) {
            directory.checkpoint();
        }
    }

    private void checkpointHighWatermarks() {
        var engine = simulation.engine();
        engine.on(node, 500 + engine.below(3_000), "checkpoint", this::checkpointHighWatermarks);
        var now = new TreeMap<>(highWatermarks);
        open.forEach((id, partition) -> now.put(id, partition.highWatermark()));
        if (!isFailed) {
            highWatermarkFile.write(now);
        }
    }

    private void onLogFailure(LogException failure) {
        if (node.isDiskFailing() && directory.failure().isPresent()) {
            if (!isFailed) {
                isFailed = true;
                open.values().forEach(partition -> partition.directoryFailed("I/O error"));
                onFailed.run();
            }
        } else if (!node.isDying()) {
            simulation.checker().broken("log of node " + node.id(), failure);
        }
    }

    UUID directoryId() {
        return directory.directoryId();
    }

    /// Whether the page cache of the last confirmed incarnation is intact.
    boolean isSameBoot() {
        return previousStop != RunningMarker.PreviousStop.MACHINE_CRASH;
    }

    /// Whether the directory had failed, and was given back.
    boolean isUnproven() {
        return isUnproven;
    }

    RunningMarker.PreviousStop previousStop() {
        return previousStop;
    }

    void registered() {
        marker.markRunning(node.incarnation());
    }

    void markClean() {
        checkpoint();
        checkpointHighWatermarks();
        marker.markClean(node.incarnation());
    }

    Collection<LocalPartition> partitions() {
        return open.values();
    }

    @Override
    public Optional<Partition> find(PartitionId id) {
        return Optional.ofNullable(open.get(id));
    }

    Optional<LocalPartition> local(PartitionId id) {
        return Optional.ofNullable(open.get(id));
    }

    @Override
    public Collection<Partition> all() {
        return new ArrayList<>(open.values());
    }

    @Override
    public void apply(long metadataOffset, List<ReplicaChange> changes) {
        var opening = new ArrayList<ReplicaChange.Assigned>();
        for (var change : changes) {
            switch (change) {
                case ReplicaChange.Assigned next -> {
                    var last = assigned.put(next.id(), next);
                    if (last == null) {
                        openPartition(next);
                        opening.add(next);
                    } else if (!last.equals(next)) {
                        apply(next);
                    }
                }
                case ReplicaChange.Removed removed ->
                        throw new IllegalStateException("nothing is removed here: " + removed);
            }
        }
        if (isUnproven && !isFollowing && !isFailed) {
            directory.proved();
        }
        isFollowing = true;
        opening.forEach(this::apply);
    }

    private void openPartition(ReplicaChange.Assigned next) {
        var mode =
                isUnproven && !isFollowing
                        ? AfterFailure.mode(next.assignment(), node.id())
                        : RecoveryMode.KEEP_ALL;
        PartitionLog log;
        try {
            log = PartitionLog.open(directory, next.id(), logConfig, mode, node.wallMs());
        } catch (LogException e) {
            // What is not open serves nothing; the node says why.
            onLogFailure(e);
            return;
        }
        var partition =
                new LocalPartition(log, highWatermarks.getOrDefault(next.id(), 0L), services);
        simulation.checker().opened(node, partition);
        open.put(next.id(), partition);
    }

    private void apply(ReplicaChange.Assigned next) {
        local(next.id())
                .ifPresent(it -> it.applyImage(next.assignment(), next.config(), logConfig));
    }
}
