// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.partition.Batches;
import dev.weir.broker.partition.Clocks;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.PartitionPorts;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.storage.DirectoryStart.LastStop;
import dev.weir.log.LogConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.checkpoint.OffsetCheckpoint;
import dev.weir.log.checkpoint.RunningMarker;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// A data directory whose disk answers a flush with an error, or has no room for it.
class FailedDirectoryTest {

    private static final UUID CLUSTER = new UUID(1, 1);
    private static final UUID DIRECTORY = new UUID(2, 2);
    private static final UUID TOPIC = new UUID(3, 3);
    private static final Path PATH = Path.of("/data");
    private static final Path MARKER = PATH.resolve(FailedMarker.FILE);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<UUID> reported = new CopyOnWriteArrayList<>();
    private int incarnations;

    private DataDirectory open() {
        return DataDirectory.open(
                DataDirectoryConfig.of(PATH, CLUSTER, 1, 2),
                new DataDirectory.Environment(
                        disk,
                        new BootId("boot-1"),
                        Clocks.SYSTEM,
                        new UUID(9, ++incarnations),
                        new DirectoryPorts(PartitionPorts.NONE, reported::add)));
    }

    private static List<ReplicaChange> assigned(int partitions, int leader, List<Integer> isr) {
        return assigned(partitions, leader, isr, PartitionConfig.DEFAULT);
    }

    private static List<ReplicaChange> assigned(
            int partitions, int leader, List<Integer> isr, PartitionConfig config) {
        var replicas =
                List.of(
                        new AssignedReplica(1, new UUID(9, 1), DIRECTORY, true),
                        new AssignedReplica(2, new UUID(8, 1), new UUID(2, 3), true));
        var assignment = new Assignment(leader, leader, leader, replicas, isr, List.of(), false);
        return IntStream.range(0, partitions)
                .<ReplicaChange>mapToObj(
                        p ->
                                new ReplicaChange.Assigned(
                                        new PartitionId(TOPIC, p),
                                        assignment,
                                        config,
                                        LogConfig.DEFAULT))
                .toList();
    }

    private static Partition partition(DataDirectory directory, int partition) {
        return directory.partitions().find(new PartitionId(TOPIC, partition)).orElseThrow();
    }

    private static ProduceOutcome produce(Partition partition, String... values) {
        var answer = new CompletableFuture<ProduceOutcome>();
        partition.produce(Batches.command(Batches.of(values), Acks.ALL), answer::complete);
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static void await(BooleanSupplier condition) {
        var deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("it did not come about");
            }
            Thread.onSpinWait();
        }
    }

    private void format() {
        DataDirectory.format(
                disk, PATH, PATH.resolve("metadata"), new DirectoryIdentity(CLUSTER, 1, DIRECTORY));
    }

    /// Three partitions, one record in each that was durable at a checkpoint; then the first flush
    /// fails, of a second record of the first one.
    private DataDirectory failed() {
        format();
        var first = open();
        first.registered(1);
        first.partitions().apply(1, assigned(3, 1, List.of(1)));
        for (var p = 0; p < 3; p++) {
            assertThat(produce(partition(first, p), "kept"))
                    .isInstanceOf(ProduceOutcome.Accepted.class);
        }
        first.close();
        var directory = open();
        directory.registered(2);
        directory.partitions().apply(2, assigned(3, 1, List.of(1)));
        disk.inject(
                operation ->
                        operation.kind() == DiskOperation.Kind.FLUSH
                                        && operation.path().toString().endsWith(".log")
                                ? new Fault.IoError()
                                : new Fault.None());
        assertThat(produce(partition(directory, 0), "lost"))
                .isInstanceOf(ProduceOutcome.LogDirOffline.class);
        disk.inject(_ -> new Fault.None());
        return directory;
    }

    private DataDirectory cleared() {
        var directory = failed();
        await(() -> disk.exists(MARKER));
        directory.close();
        disk.delete(MARKER);
        var again = open();
        again.registered(3);
        return again;
    }

    @Test
    void theFirstFailureEndsAcknowledgementsOfAllItsPartitionsAndIsReportedOnce() {
        var directory = failed();

        assertThat(directory.failed()).isTrue();
        for (var p = 0; p < 3; p++) {
            var each = partition(directory, p);
            await(() -> each.status().offlineReason().isPresent());
            assertThat(produce(each, "later")).isInstanceOf(ProduceOutcome.LogDirOffline.class);
            assertThat(each.status().highWatermark()).isEqualTo(1);
        }
        await(() -> disk.exists(MARKER));
        directory.close();
        assertThat(reported).containsExactly(DIRECTORY);
        assertThatThrownBy(this::open).isInstanceOf(LogException.FailedBeforeException.class);
        disk.delete(MARKER);
        var again = open();
        assertThat(again.start().lastStop()).isEqualTo(LastStop.PROCESS_CRASH);
        again.close();
    }

    @Test
    void onceClearedWhatOthersHoldIsDroppedAboveTheRecoveryPointOnce() {
        try (var directory = cleared()) {
            assertThat(directory.start().unproven()).isTrue();
            directory.partitions().apply(3, assigned(3, 2, List.of(2)));

            assertThat(partition(directory, 0).status().logEndOffset()).isEqualTo(1);
            assertThat(disk.exists(PATH.resolve(FailedMarker.UNPROVEN))).isFalse();
        }
    }

    @Test
    void onceClearedAReplicaThatIsCountedKeepsWhatIsValid() {
        try (var directory = cleared()) {
            directory.partitions().apply(3, assigned(3, 1, List.of(1)));

            assertThat(partition(directory, 0).status().logEndOffset()).isEqualTo(2);
            assertThat(produce(partition(directory, 0), "next"))
                    .isInstanceOf(ProduceOutcome.Accepted.class);
        }
    }

    @Test
    void itIsUnprovenAsLongAsOneOfItsLogsCouldNotBeRecovered() {
        try (var directory = cleared()) {
            disk.limitTo(0);

            directory.partitions().apply(3, assigned(3, 1, List.of(1)));

            assertThat(partition(directory, 0).status().offlineReason()).isPresent();
            assertThat(disk.exists(PATH.resolve(FailedMarker.UNPROVEN))).isTrue();
            disk.limitTo(Long.MAX_VALUE);
        }
        try (var directory = open()) {
            directory.registered(4);
            directory.partitions().apply(4, assigned(3, 1, List.of(1)));

            assertThat(partition(directory, 0).status().logEndOffset()).isEqualTo(2);
            assertThat(disk.exists(PATH.resolve(FailedMarker.UNPROVEN))).isFalse();
        }
    }

    @Test
    void aStopWhoseLastFlushProvedNothingIsNoCleanStop() {
        // given: what is appended to a replicated topic is acknowledged before it is durable
        format();
        var first = open();
        first.registered(1);
        var replicated =
                new PartitionConfig(
                        Durability.REPLICATED, 1, PartitionConfig.TIMESTAMP_AHEAD_MAX_MS);
        first.partitions().apply(1, assigned(1, 1, List.of(1), replicated));
        disk.inject(
                operation -> {
                    if (operation.kind() == DiskOperation.Kind.SYNC_DIRECTORY
                            && operation.path().getParent().equals(PATH)) {
                        throw new LogException.DiskFullException(operation.path(), 0, null);
                    }
                    return new Fault.None();
                });
        assertThat(produce(partition(first, 0), "in memory"))
                .isInstanceOf(ProduceOutcome.Accepted.class);

        // when
        first.close();
        disk.inject(_ -> new Fault.None());

        // then
        var second = open();
        assertThat(second.start().lastStop()).isEqualTo(LastStop.PROCESS_CRASH);
        second.close();
    }

    @Test
    void anErrorUnderACheckpointEndsAcknowledgementsAndIsReported() {
        // given
        format();
        var directory = open();
        directory.registered(1);
        directory.partitions().apply(1, assigned(1, 1, List.of(1)));
        failing(OffsetCheckpoint.HIGH_WATERMARK_FILE);

        // when
        assertThat(produce(partition(directory, 0), "a"))
                .isInstanceOf(ProduceOutcome.Accepted.class);

        // then
        await(directory::failed);
        assertThat(produce(partition(directory, 0), "b"))
                .isInstanceOf(ProduceOutcome.LogDirOffline.class);
        directory.close();
        assertThat(reported).containsExactly(DIRECTORY);
    }

    @Test
    void anErrorUnderTheMarkerIsReportedAndTheProcessStays() {
        format();
        var directory = open();
        failing(RunningMarker.FILE);

        directory.registered(1);
        await(() -> disk.exists(MARKER));
        directory.partitions().apply(1, assigned(1, 1, List.of(1)));

        assertThat(directory.failed()).isTrue();
        assertThat(reported).containsExactly(DIRECTORY);
        await(() -> partition(directory, 0).status().offlineReason().isPresent());
        assertThat(produce(partition(directory, 0), "a"))
                .isInstanceOf(ProduceOutcome.LogDirOffline.class);
        directory.close();
    }

    private void failing(String file) {
        disk.inject(
                operation ->
                        operation.path().startsWith(PATH)
                                        && operation.path().getFileName().toString().contains(file)
                                ? new Fault.IoError()
                                : new Fault.None());
    }
}
