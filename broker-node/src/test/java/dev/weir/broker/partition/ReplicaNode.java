// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.ReplicaIdentity;
import dev.weir.broker.partition.core.ReplicaLimits;
import dev.weir.log.LogConfig;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogException;
import dev.weir.log.PartitionLog;
import dev.weir.log.ReadResult;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.sim.SimulatedDisk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// One node of a [ReplicaCluster]: a real partition over the real log on a simulated disk. Nothing
/// of it runs by itself.
final class ReplicaNode {

    static final LogConfig LOG_CONFIG = new LogConfig(1 << 20, 1_000_000_000L, 4 << 10);

    final int id;
    final UUID directoryId;
    final SimulatedDisk disk;
    final LogDirectory directory;
    final UUID incarnation;
    final PartitionLog log;
    final LocalPartition partition;
    final ArrayDeque<Runnable> workers = new ArrayDeque<>();
    final ArrayDeque<Runnable> flushes = new ArrayDeque<>();
    final ArrayDeque<Runnable> syncs = new ArrayDeque<>();
    final ArrayDeque<Runnable> readers = new ArrayDeque<>();
    final List<LogException> failures = new ArrayList<>();
    final Map<String, ProduceOutcome> answers = new LinkedHashMap<>();

    /// Flushes wait until this is taken back.
    boolean flushesHeld;

    /// Truncations and resets wait.
    boolean syncsHeld;

    /// Cold reads wait.
    boolean readersHeld;

    final FlushScheduler flushScheduler = new FlushScheduler(flushes::add, 1);

    private static long nonces;

    ReplicaNode(
            int id,
            int life,
            SimulatedDisk disk,
            Clocks clocks,
            PartitionPorts ports,
            int batchBytesMax) {
        this.id = id;
        this.disk = disk;
        this.directoryId = new UUID(5, id);
        this.incarnation = new UUID(id, life);
        if (!disk.exists(PartitionFixture.DIRECTORY)) {
            disk.createDirectories(PartitionFixture.DIRECTORY);
            disk.syncDirectory(Path.of("/"));
            new DirectoryIdentity(new UUID(3, 4), id, directoryId)
                    .writeTo(disk, PartitionFixture.DIRECTORY);
        }
        directory =
                LogDirectory.open(
                        disk,
                        PartitionFixture.DIRECTORY,
                        PartitionFixture.SMALL,
                        Runnable::run,
                        () -> ++nonces);
        log = PartitionLog.open(directory, PartitionFixture.ID, LOG_CONFIG, Batches.WALL_MS);
        var services =
                new PartitionServices(
                        new ReplicaIdentity(id, incarnation, directoryId),
                        new PartitionThreads(workers::add, readers::add, syncs::add),
                        flushScheduler,
                        ports,
                        failures::add,
                        () -> {},
                        clocks,
                        ReplicaLimits.DEFAULT,
                        PartitionServices.MAILBOX_CAPACITY,
                        batchBytesMax);
        partition = new LocalPartition(log, 0, services);
    }

    AssignedReplica assigned() {
        return new AssignedReplica(id, incarnation, directoryId, true);
    }

    /// @return whether anything ran
    boolean runOne() {
        return runOne(workers, false)
                || runOne(syncs, syncsHeld)
                || runOne(readers, readersHeld)
                || runOne(flushes, flushesHeld);
    }

    private static boolean runOne(ArrayDeque<Runnable> queue, boolean held) {
        if (held || queue.isEmpty()) {
            return false;
        }
        queue.remove().run();
        return true;
    }

    void produce(String name, ByteBuffer batch, Acks acks) {
        partition.produce(Batches.command(batch, acks), outcome -> answers.put(name, outcome));
    }

    /// All records of the log, committed or not.
    List<String> records() {
        var values = new ArrayList<String>();
        var next = log.logStartOffset();
        while (next < log.logEndOffset()) {
            var read = (ReadResult.Batches) log.read(next, 1 << 20, log.logEndOffset(), true);
            values.addAll(Batches.values(read.slice().buffer()));
            next = read.slice().nextOffset();
            read.slice().release();
        }
        return values;
    }
}
