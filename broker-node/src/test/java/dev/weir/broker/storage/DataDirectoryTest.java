// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.partition.Batches;
import dev.weir.broker.partition.Clocks;
import dev.weir.broker.partition.FetchCommand;
import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.partition.core.Receipt;
import dev.weir.broker.storage.DirectoryStart.LastStop;
import dev.weir.log.LogConfig;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.RealDisk;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

class DataDirectoryTest {

    private static final UUID CLUSTER = new UUID(1, 1);
    private static final UUID DIRECTORY = new UUID(2, 2);
    private static final DirectoryIdentity IDENTITY = new DirectoryIdentity(CLUSTER, 1, DIRECTORY);
    private static final UUID TOPIC = new UUID(3, 3);
    private static final BootId BOOT = new BootId("boot-1");

    @TempDir private Path temporary;
    private final Disk disk = new RealDisk();
    private int incarnations;

    private Path path() {
        return temporary.resolve("data");
    }

    private static PartitionId id(int partition) {
        return new PartitionId(TOPIC, partition);
    }

    private DataDirectory open() {
        return open(disk, path(), BOOT, Clocks.SYSTEM);
    }

    private DataDirectory open(Disk on, Path path, BootId boot, Clocks clocks) {
        return DataDirectory.open(
                DataDirectoryConfig.of(path, CLUSTER, 1, 2),
                new DataDirectory.Environment(
                        on, boot, clocks, new UUID(9, ++incarnations), DirectoryPorts.NONE));
    }

    private DataDirectory formatted() {
        format();
        return open();
    }

    private void format() {
        DataDirectory.format(path(), path().resolve("metadata"), IDENTITY);
    }

    private static ReplicaChange assigned(int partition, int epoch) {
        return new ReplicaChange.Assigned(
                id(partition),
                new Assignment(
                        1,
                        epoch,
                        epoch,
                        List.of(new AssignedReplica(1, new UUID(9, 1), DIRECTORY, true)),
                        List.of(1),
                        List.of(),
                        false),
                PartitionConfig.DEFAULT,
                LogConfig.DEFAULT);
    }

    private static List<ReplicaChange> assigned(int partitions, int epoch, int from) {
        return IntStream.range(from, partitions).mapToObj(p -> assigned(p, epoch)).toList();
    }

    private static Partition partition(DataDirectory directory, int partition) {
        return directory.partitions().find(id(partition)).orElseThrow();
    }

    private static ProduceOutcome produce(Partition partition, String... values) {
        var answer = new CompletableFuture<ProduceOutcome>();
        partition.produce(Batches.command(Batches.of(values), Acks.ALL), answer::complete);
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static Receipt accepted(Partition partition, String... values) {
        return ((ProduceOutcome.Accepted) produce(partition, values)).receipt();
    }

    /// A read is judged by the published state, which follows the image by a turn.
    private static List<String> read(Partition partition, long offset) {
        await(() -> partition.status().leading() || partition.status().offlineReason().isPresent());
        var values = new ArrayList<String>();
        var next = offset;
        while (next < partition.status().highWatermark()) {
            var answer = new CompletableFuture<FetchOutcome>();
            partition.fetch(
                    new FetchCommand(next, 1 << 20, OptionalInt.empty(), true), answer::complete);
            var data = (FetchOutcome.Data) answer.orTimeout(20, TimeUnit.SECONDS).join();
            values.addAll(Batches.values(data.slice().buffer()));
            next = data.slice().nextOffset();
            data.slice().release();
        }
        return values;
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

    @Test
    void recordsSurviveACleanStop() {
        try (var first = formatted()) {
            assertThat(first.start().lastStop()).isEqualTo(LastStop.NEW);
            first.registered(5);
            first.partitions().apply(5, assigned(8, 1, 0));
            for (var p = 0; p < 8; p++) {
                assertThat(accepted(partition(first, p), "a" + p, "b" + p).baseOffset()).isZero();
            }
        }

        try (var second = open()) {
            assertThat(second.start().lastStop()).isEqualTo(LastStop.CLEAN);
            assertThat(second.start().directoryId()).isEqualTo(DIRECTORY);
            second.registered(9);
            second.partitions().apply(9, assigned(8, 2, 0));
            for (var p = 0; p < 8; p++) {
                assertThat(read(partition(second, p), 0)).containsExactly("a" + p, "b" + p);
                assertThat(accepted(partition(second, p), "c").baseOffset()).isEqualTo(2);
            }
        }
    }

    @Test
    void refusesADirectoryThatIsNotFormattedNotOursOrInUse() {
        assertThatThrownBy(this::open).isInstanceOf(StorageException.NotFormatted.class);
        format();
        assertThatThrownBy(this::format).isInstanceOf(StorageException.AlreadyFormatted.class);

        assertThatThrownBy(
                        () ->
                                DataDirectory.open(
                                        DataDirectoryConfig.of(path(), new UUID(8, 8), 1, 2),
                                        DirectoryPorts.NONE))
                .isInstanceOf(StorageException.ForeignDirectory.class)
                .hasMessageContaining(CLUSTER.toString());
        assertThatThrownBy(
                        () ->
                                DataDirectory.open(
                                        DataDirectoryConfig.of(path(), CLUSTER, 2, 2),
                                        DirectoryPorts.NONE))
                .isInstanceOf(StorageException.ForeignDirectory.class);
        try (var _ = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(LogException.DirectoryLockedException.class);
        }
    }

    @Test
    void formatsNoDirectoryThatHoldsSomethingItDoesNotKnow() throws IOException {
        Files.createDirectories(path().resolve("orders-0"));

        assertThatThrownBy(this::format)
                .isInstanceOf(StorageException.NotEmpty.class)
                .hasMessageContaining("orders-0");
        assertThatThrownBy(this::open).isInstanceOf(StorageException.NotFormatted.class);
    }

    @Test
    void formatsTheRootOfAFileSystemWithItsMetadataInIt() throws IOException {
        Files.createDirectories(path().resolve("lost+found"));
        Files.createDirectories(path().resolve("metadata"));

        try (var directory = formatted()) {
            assertThat(directory.start().directoryId()).isEqualTo(DIRECTORY);
        }
    }

    @Test
    void takesNoImageBeforeItsRegistrationAndNoneThatIsOlder() {
        try (var directory = formatted()) {
            assertThatThrownBy(() -> directory.partitions().apply(5, assigned(1, 1, 0)))
                    .isInstanceOf(IllegalStateException.class);
            directory.registered(6);
            assertThatThrownBy(() -> directory.partitions().apply(5, assigned(1, 1, 0)))
                    .isInstanceOf(IllegalStateException.class);
            directory.partitions().apply(6, assigned(1, 1, 0));
            assertThat(directory.partitions().all()).hasSize(1);
        }
    }

    @Test
    void theMarkerTellsACrashOfTheProcessFromOneOfTheMachine() {
        var simulated = new SimulatedDisk();
        var path = Path.of("/data");
        DataDirectory.format(simulated, path, path.resolve("metadata"), IDENTITY);
        simulated.syncDirectory(Path.of("/"));
        var first = open(simulated, path, BOOT, Clocks.SYSTEM);
        first.registered(1);
        var crashed = simulated.crashed(CrashPolicy.all());
        first.close();

        // Neither is confirmed, so the second start hears the same as the first.
        for (var attempt = 0; attempt < 2; attempt++) {
            var sameBoot = open(crashed, path, BOOT, Clocks.SYSTEM);
            assertThat(sameBoot.start().lastStop()).isEqualTo(LastStop.PROCESS_CRASH);
            sameBoot.close();
        }
        var otherBoot = open(crashed, path, new BootId("boot-2"), Clocks.SYSTEM);
        assertThat(otherBoot.start().lastStop()).isEqualTo(LastStop.SYSTEM_CRASH);
        otherBoot.close();
    }

    @Test
    void aRemovedPartitionIsGoneAndItsFilesToo() {
        try (var directory = formatted()) {
            directory.registered(1);
            directory.partitions().apply(1, assigned(2, 1, 0));
            accepted(partition(directory, 0), "a");
            var gone = partition(directory, 0);

            directory.partitions().apply(2, List.of(new ReplicaChange.Removed(id(0))));

            assertThat(directory.partitions().find(id(0))).isEmpty();
            assertThat(directory.partitions().find(id(1))).isPresent();
            assertThat(produce(gone, "late")).isInstanceOf(ProduceOutcome.Closed.class);
            await(() -> !disk.exists(path().resolve(id(0).directoryName())));
            await(() -> disk.list(path()).stream().noneMatch(e -> e.toString().contains(".del")));
        }
    }

    @Test
    void straysAreKeptForADay() {
        try (var directory = formatted()) {
            directory.registered(1);
            directory.partitions().apply(1, assigned(2, 1, 0));
            accepted(partition(directory, 0), "a");
            accepted(partition(directory, 1), "b");
        }
        var nowMs = new long[1];
        var clocks = new Clocks(() -> nowMs[0] * 1_000_000, System::currentTimeMillis);
        var stray = path().resolve(id(0).directoryName()).toFile();
        try (var directory = open(disk, path(), BOOT, clocks)) {
            directory.registered(2);
            directory.partitions().apply(2, assigned(2, 2, 1));
            var partitions = (LocalPartitions) directory.partitions();

            nowMs[0] = Strays.PATIENCE_MS - 1;
            partitions.removeStrays();
            assertThat(stray).exists();
            nowMs[0] = Strays.PATIENCE_MS;
            partitions.removeStrays();

            assertThat(stray).doesNotExist();
            assertThat(read(partition(directory, 1), 0)).containsExactly("b");
        }
    }

    @Test
    void aStrayThatTheMetadataGivesBackIsKept() {
        try (var directory = formatted()) {
            directory.registered(1);
            directory.partitions().apply(1, assigned(2, 1, 0));
            accepted(partition(directory, 0), "a");
        }
        var nowMs = new long[1];
        var clocks = new Clocks(() -> nowMs[0] * 1_000_000, System::currentTimeMillis);
        try (var directory = open(disk, path(), BOOT, clocks)) {
            directory.registered(2);
            directory.partitions().apply(2, assigned(2, 2, 1));
            directory.partitions().apply(3, List.of(assigned(0, 3)));
            nowMs[0] = Strays.PATIENCE_MS;
            ((LocalPartitions) directory.partitions()).removeStrays();

            assertThat(read(partition(directory, 0), 0)).containsExactly("a");
        }
    }

    @Test
    void onePartitionThatCannotBeOpenedIsOfflineAndTheOthersServe() throws Exception {
        try (var directory = formatted()) {
            directory.registered(1);
            directory.partitions().apply(1, assigned(2, 1, 0));
            accepted(partition(directory, 0), "a");
            accepted(partition(directory, 1), "b");
        }
        var segment = path().resolve(id(0).directoryName()).resolve("00000000000000000000.log");
        try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(10);
        }

        try (var directory = open()) {
            directory.registered(2);
            directory.partitions().apply(2, assigned(2, 2, 0));
            var broken = partition(directory, 0);
            var outcomes = new ArrayList<FetchOutcome>();

            assertThat(read(partition(directory, 1), 0)).containsExactly("b");
            assertThat(broken.status().offlineReason()).isPresent();
            assertThat(produce(broken, "x")).isInstanceOf(ProduceOutcome.LogDirOffline.class);
            broken.fetch(new FetchCommand(0, 9, OptionalInt.empty(), true), outcomes::add);
            assertThat(outcomes.getFirst()).isInstanceOf(FetchOutcome.LogDirOffline.class);
            assertThat(directory.failed()).isFalse();
        }
    }

    @Test
    void manyProducersOnManyPartitionsAreAllAnsweredAndAllReadBack() throws Exception {
        var partitions = 6;
        var each = 400;
        try (var directory = formatted()) {
            directory.registered(1);
            directory.partitions().apply(1, assigned(partitions, 1, 0));
            var answers = new ArrayList<CompletableFuture<ProduceOutcome>>();
            for (var i = 0; i < partitions * each; i++) {
                answers.add(new CompletableFuture<>());
            }
            var threads = new ArrayList<Thread>();
            for (var t = 0; t < partitions; t++) {
                var mine = t;
                threads.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            for (var i = mine;
                                                    i < answers.size();
                                                    i += partitions) {
                                                var to = partition(directory, i / each);
                                                to.produce(
                                                        Batches.command(
                                                                Batches.of("v" + i), Acks.ALL),
                                                        answers.get(i)::complete);
                                            }
                                        }));
            }
            for (var thread : threads) {
                thread.join();
            }
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();

            for (var i = 0; i < answers.size(); i++) {
                var receipt = ((ProduceOutcome.Accepted) answers.get(i).join()).receipt();
                var values = read(partition(directory, i / each), receipt.baseOffset());
                assertThat(values).contains("v" + i);
                if (i % 97 != 0) {
                    continue;
                }
                assertThat(read(partition(directory, i / each), 0)).hasSize(each);
            }
        }
    }
}
