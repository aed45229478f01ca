// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.Receipt;
import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.log.LogConfig;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogDirectoryConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.PartitionLog;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.sim.SimulatedDisk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;

/// A partition over the real log on a simulated disk, everything on the test's thread: workers run
/// when told, flushes when told, cold reads at once.
final class PartitionFixture {

    static final Path DIRECTORY = Path.of("/data");
    static final UUID INCARNATION = new UUID(7, 8);
    static final PartitionId ID = new PartitionId(new UUID(1, 2), 0);
    static final LogDirectoryConfig SMALL =
            new LogDirectoryConfig(1 << 20, 100, 1 << 20, 4 << 10, 64 << 10);

    final SimulatedDisk disk;
    final LogDirectory directory;
    final LocalPartition partition;
    final ArrayDeque<Runnable> workers = new ArrayDeque<>();
    final ArrayDeque<Runnable> flushes = new ArrayDeque<>();
    final List<LogException> failures = new ArrayList<>();
    final Map<String, ProduceOutcome> answers = new LinkedHashMap<>();
    final List<String> released = new ArrayList<>();
    long nowNs;
    long wallMs = Batches.WALL_MS;

    PartitionFixture(SimulatedDisk disk) {
        this.disk = disk;
        if (!disk.exists(DIRECTORY)) {
            disk.createDirectories(DIRECTORY);
            disk.syncDirectory(Path.of("/"));
            new DirectoryIdentity(new UUID(3, 4), 1, new UUID(5, 6)).writeTo(disk, DIRECTORY);
        }
        directory =
                LogDirectory.open(disk, DIRECTORY, SMALL, Runnable::run, new NonceSequence()::next);
        var services =
                new PartitionServices(
                        new ReplicaIdentity(1, INCARNATION, new UUID(5, 6)),
                        new PartitionThreads(workers::add, Runnable::run, Runnable::run),
                        new FlushScheduler(flushes::add, 1),
                        PartitionPorts.NONE,
                        failures::add,
                        () -> {},
                        new Clocks(() -> nowNs, () -> wallMs),
                        ReplicaLimits.DEFAULT,
                        PartitionServices.MAILBOX_CAPACITY,
                        1 << 20);
        var log =
                PartitionLog.open(
                        directory, ID, new LogConfig(64 << 10, 1_000_000_000L, 4 << 10), wallMs);
        partition = new LocalPartition(log, 0, services);
    }

    private static final class NonceSequence {
        private static long last;

        long next() {
            return ++last;
        }
    }

    static PartitionFixture leading() {
        return leading(new SimulatedDisk(), 1, Durability.FSYNC);
    }

    static PartitionFixture leading(SimulatedDisk disk, int epoch, Durability durability) {
        var fixture = new PartitionFixture(disk);
        fixture.lead(epoch, durability);
        return fixture;
    }

    void lead(int epoch, Durability durability) {
        partition.applyImage(
                new Assignment(
                        1,
                        epoch,
                        epoch,
                        List.of(new AssignedReplica(1, INCARNATION, new UUID(5, 6), true)),
                        List.of(1),
                        List.of(),
                        false),
                new PartitionConfig(durability, 1, PartitionConfig.TIMESTAMP_AHEAD_MAX_MS),
                new LogConfig(64 << 10, 1_000_000_000L, 4 << 10));
        runWorkers();
    }

    void produce(String name, ByteBuffer batch, Acks acks) {
        partition.produce(
                Batches.command(batch, acks),
                new ProduceListener() {
                    @Override
                    public void onBatchReleased() {
                        released.add(name);
                    }

                    @Override
                    public void onOutcome(ProduceOutcome outcome) {
                        if (answers.put(name, outcome) != null) {
                            throw new AssertionError(name + " was answered twice");
                        }
                    }
                });
    }

    List<FetchOutcome> fetch(long offset, boolean waits) {
        var outcomes = new ArrayList<FetchOutcome>();
        partition.fetch(
                new FetchCommand(offset, 1 << 20, OptionalInt.empty(), waits), outcomes::add);
        return outcomes;
    }

    /// What a reader sees from an offset on.
    List<String> read(long offset) {
        var values = new ArrayList<String>();
        var next = offset;
        while (fetch(next, false).getFirst() instanceof FetchOutcome.Data data) {
            if (data.slice().sizeBytes() == 0) {
                return values;
            }
            values.addAll(Batches.values(data.slice().buffer()));
            next = data.slice().nextOffset();
            data.slice().release();
        }
        throw new AssertionError("no data at " + next);
    }

    void runWorkers() {
        Runnable task;
        while ((task = workers.poll()) != null) {
            task.run();
        }
    }

    /// Lets one flush run to its end.
    void runFlush() {
        flushes.remove().run();
        runWorkers();
    }

    /// Lets flushes run until none is wanted.
    void settle() {
        runWorkers();
        while (!flushes.isEmpty()) {
            runFlush();
        }
    }

    void tick() {
        partition.tick();
        runWorkers();
    }

    Receipt receipt(String name) {
        if (answers.get(name) instanceof ProduceOutcome.Accepted(Receipt receipt)) {
            return receipt;
        }
        throw new AssertionError(name + " was answered " + answers.get(name));
    }
}
