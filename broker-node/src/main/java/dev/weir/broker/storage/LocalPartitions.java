// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionServices;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.log.RecoveryMode;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// The open partitions of one data directory.
///
/// **Threading:** lookups by any thread; [#apply] by one at a time, [#reopen] by another.
final class LocalPartitions implements PartitionRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(LocalPartitions.class);

    /// How long a removed partition's last flush may take.
    private static final long CLOSE_MS = 10_000;

    private final LogDirectory directory;
    private final PartitionServices services;
    private final Executor recovery;
    private final Map<PartitionId, Long> highWatermarks;

    private final ConcurrentHashMap<PartitionId, Partition> open = new ConcurrentHashMap<>();

    /// What was last applied, to tell a change from a repetition. Owned by who applies.
    private final HashMap<PartitionId, ReplicaChange.Assigned> assigned = new HashMap<>();

    /// Removals that may be under way. Owned by who applies.
    private final HashMap<PartitionId, CompletableFuture<Void>> removals = new HashMap<>();

    /// Those that could not be opened for want of something that may be there later, and how they
    /// are to be opened then.
    private final ConcurrentHashMap<PartitionId, RecoveryMode> wanting = new ConcurrentHashMap<>();

    /// Held by who applies, and by who opens again: an image waits for that.
    private final ReentrantLock applying = new ReentrantLock();

    private final Strays strays;

    /// Metadata offset of this incarnation's registration; no image below it counts.
    private volatile long registeredOffset = Long.MAX_VALUE;

    private boolean isFollowing;

    /// Whether a log could not be opened.
    private volatile boolean isOneOffline;

    /// @param highWatermarks as the checkpoint has them
    LocalPartitions(
            LogDirectory directory,
            PartitionServices services,
            Executor recovery,
            Map<PartitionId, Long> highWatermarks) {
        this.directory = directory;
        this.services = services;
        this.recovery = recovery;
        this.highWatermarks = highWatermarks;
        this.strays = new Strays(directory, services.clocks());
    }

    void registered(long metadataOffset) {
        registeredOffset = metadataOffset;
    }

    @Override
    public Optional<Partition> find(PartitionId id) {
        return Optional.ofNullable(open.get(id));
    }

    @Override
    public Collection<Partition> all() {
        return Collections.unmodifiableCollection(open.values());
    }

    @Override
    public void apply(long metadataOffset, List<ReplicaChange> changes) {
        if (metadataOffset < registeredOffset) {
            throw new IllegalStateException(
                    "image "
                            + metadataOffset
                            + " is older than this incarnation's registration at "
                            + registeredOffset);
        }
        applying.lock();
        try {
            apply(changes);
        } finally {
            applying.unlock();
        }
    }

    private void apply(List<ReplicaChange> changes) {
        // Once for all: the first image is whole. What fails later is proved by a later process.
        var unproven = !isFollowing && directory.isUnproven();
        isFollowing = true;
        var opened =
                changes.stream()
                        .map(change -> apply(change, unproven))
                        .flatMap(Optional::stream)
                        .map(opening -> CompletableFuture.supplyAsync(opening, recovery))
                        .map(starting -> unproven ? starting : starting.thenApply(Start::now))
                        .toList();
        opened.forEach(CompletableFuture::join);
        if (unproven) {
            // Before anything is acknowledged that a second recovery of this kind would drop.
            prove();
            opened.forEach(starting -> starting.join().now());
        }
        strays.seen(assigned.keySet());
    }

    private void prove() {
        if (isOneOffline) {
            LOG.warn("Not every log was recovered after a failure; the next start recovers again");
            return;
        }
        try {
            directory.proved();
        } catch (LogException e) {
            if (directory.failure().isEmpty()) {
                throw e;
            }
            // It failed again meanwhile: a later process recovers it once more.
            services.onLogFailure().accept(e);
        }
    }

    /// What lets an open partition be found.
    @FunctionalInterface
    private interface Start {

        Start NOTHING = () -> {};

        void run();

        default Start now() {
            run();
            return NOTHING;
        }
    }

    /// Does at once what is only told to a partition that is open: who leads must not wait for a
    /// log that is being recovered.
    ///
    /// @return what may wait for the disk, and must be done before the image counts as followed
    private Optional<Supplier<Start>> apply(ReplicaChange change, boolean unproven) {
        return switch (change) {
            case ReplicaChange.Assigned next -> {
                var last = assigned.put(next.id(), next);
                if (last != null) {
                    changePartition(last, next);
                    yield Optional.empty();
                }
                var removal = removals.remove(next.id());
                yield Optional.of(
                        () -> {
                            if (removal != null) {
                                removal.join();
                            }
                            return openPartition(
                                    next, unproven ? afterFailure(next) : RecoveryMode.KEEP_ALL);
                        });
            }
            case ReplicaChange.Removed(PartitionId id) -> {
                assigned.remove(id);
                wanting.remove(id);
                removals.values().removeIf(CompletableFuture::isDone);
                removals.put(id, remove(id));
                yield Optional.empty();
            }
        };
    }

    private Start openPartition(ReplicaChange.Assigned next, RecoveryMode mode) {
        Partition partition;
        try {
            partition = openLocal(next, mode);
            wanting.remove(next.id());
        } catch (RuntimeException e) {
            // Whatever is wrong with one partition, the others are opened.
            LOG.atError()
                    .addKeyValue("partition", next.id())
                    .setCause(e)
                    .log("A partition cannot be opened; it is offline");
            if (isPassing(e)) {
                wanting.put(next.id(), mode);
            } else {
                wanting.remove(next.id());
            }
            if (e instanceof LogException failure) {
                services.onLogFailure().accept(failure);
            }
            isOneOffline = true;
            partition = new OfflinePartition(next.id(), next.assignment(), e.getMessage() + "");
        }
        var opened = partition;
        return () -> {
            if (opened instanceof LocalPartition local) {
                local.applyImage(next.assignment(), next.config(), next.logConfig());
            }
            open.put(next.id(), opened);
            if (opened instanceof LocalPartition local) {
                // Whoever failed before this one could be found did not tell it.
                directory.failure().ifPresent(e -> local.directoryFailed(e.getMessage() + ""));
            }
        };
    }

    private RecoveryMode afterFailure(ReplicaChange.Assigned next) {
        return AfterFailure.mode(next.assignment(), services.identity().nodeId());
    }

    private static boolean isPassing(RuntimeException failure) {
        return failure instanceof LogException.ResourcesExhaustedException
                || failure instanceof LogException.DiskFullException;
    }

    /// Opens what could not be opened for want of something that may be there by now. Waits for the
    /// disk.
    void reopen() {
        if (wanting.isEmpty() || !applying.tryLock()) {
            return;
        }
        try {
            for (var one : Map.copyOf(wanting).entrySet()) {
                var next = assigned.get(one.getKey());
                if (next != null) {
                    openPartition(next, one.getValue()).now();
                }
            }
        } finally {
            applying.unlock();
        }
    }

    private LocalPartition openLocal(ReplicaChange.Assigned next, RecoveryMode mode) {
        var nowMs = services.clocks().wallMs().getAsLong();
        var log = PartitionLog.open(directory, next.id(), next.logConfig(), mode, nowMs);
        for (var finding : log.recovery().findings()) {
            LOG.atInfo()
                    .addKeyValue("partition", next.id())
                    .log("Recovery of {}: {} {}", finding.file(), finding.rule(), finding.detail());
        }
        if (mode != RecoveryMode.KEEP_ALL) {
            LOG.atWarn()
                    .addKeyValue("partition", next.id())
                    .log(
                            "After the failure of its directory ({}): kept offsets {} to {}",
                            mode,
                            log.logStartOffset(),
                            log.logEndOffset());
        }
        return new LocalPartition(log, highWatermarks.getOrDefault(next.id(), 0L), services);
    }

    private void changePartition(ReplicaChange.Assigned last, ReplicaChange.Assigned next) {
        if (next.equals(last)) {
            return;
        }
        switch (open.get(next.id())) {
            case LocalPartition partition ->
                    partition.applyImage(next.assignment(), next.config(), next.logConfig());
            case OfflinePartition offline ->
                    open.put(
                            next.id(),
                            new OfflinePartition(next.id(), next.assignment(), offline.reason()));
            case null, default -> throw new IllegalStateException("not open: " + next.id());
        }
    }

    /// Closes a partition and removes its files, without anybody waiting for it.
    private CompletableFuture<Void> remove(PartitionId id) {
        var closed =
                open.remove(id) instanceof LocalPartition local
                        ? local.close().copy().orTimeout(CLOSE_MS, TimeUnit.MILLISECONDS)
                        : CompletableFuture.<Void>completedFuture(null);
        return closed.handleAsync(
                (_, hanging) -> {
                    if (hanging == null) {
                        delete(id);
                    } else {
                        // Its flush still has the files. They are strays at the next start.
                        LOG.atError()
                                .addKeyValue("partition", id)
                                .log("A removed partition could not be closed; its files stay");
                    }
                    return null;
                },
                recovery);
    }

    private void delete(PartitionId id) {
        try {
            directory.delete(id);
        } catch (LogException e) {
            LOG.atError()
                    .addKeyValue("partition", id)
                    .setCause(e)
                    .log("A removed partition's files stay; they are tried again as strays");
            services.onLogFailure().accept(e);
        }
    }

    /// The directory failed: every partition stops acknowledging.
    void directoryFailed(String reason) {
        locals().forEach(partition -> partition.directoryFailed(reason));
    }

    /// Lets time pass for the partitions that wait for it.
    void tick() {
        locals().forEach(LocalPartition::tick);
    }

    /// Removes strays that are due. Waits for the disk.
    void removeStrays() {
        strays.removeDue();
    }

    /// High watermarks of all partitions that are open, and those last known of the others.
    Map<PartitionId, Long> highWatermarks() {
        var now = new HashMap<>(highWatermarks);
        now.keySet().retainAll(directory.partitions());
        locals().forEach(partition -> now.put(partition.id(), partition.highWatermark()));
        return now;
    }

    List<LocalPartition> locals() {
        return open.values().stream()
                .filter(LocalPartition.class::isInstance)
                .map(LocalPartition.class::cast)
                .toList();
    }
}
