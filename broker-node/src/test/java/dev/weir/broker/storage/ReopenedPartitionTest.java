// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.Batches;
import dev.weir.broker.partition.Clocks;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.Acks;
import dev.weir.broker.partition.core.AssignedReplica;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.PartitionConfig;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.log.LogConfig;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.BootId;
import dev.weir.log.checkpoint.DirectoryIdentity;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A partition whose log cannot be opened because the process has no descriptor left.
class ReopenedPartitionTest {

    private static final UUID CLUSTER = new UUID(1, 1);
    private static final UUID DIRECTORY = new UUID(2, 2);
    private static final PartitionId ID = new PartitionId(new UUID(3, 3), 0);
    private static final Path PATH = Path.of("/data");

    private final SimulatedDisk disk = new SimulatedDisk();
    private int incarnations;

    private DataDirectory open() {
        return DataDirectory.open(
                DataDirectoryConfig.of(PATH, CLUSTER, 1, 2),
                new DataDirectory.Environment(
                        disk,
                        new BootId("boot-1"),
                        Clocks.SYSTEM,
                        new UUID(9, ++incarnations),
                        DirectoryPorts.NONE));
    }

    private static ReplicaChange assigned(int epoch) {
        var alone = List.of(new AssignedReplica(1, new UUID(9, 1), DIRECTORY, true));
        return new ReplicaChange.Assigned(
                ID,
                new Assignment(1, epoch, epoch, alone, List.of(1), List.of(), false),
                PartitionConfig.DEFAULT,
                LogConfig.DEFAULT);
    }

    private static Partition partition(DataDirectory directory) {
        return directory.partitions().find(ID).orElseThrow();
    }

    private static ProduceOutcome produce(DataDirectory directory, String value) {
        var answer = new CompletableFuture<ProduceOutcome>();
        partition(directory)
                .produce(Batches.command(Batches.of(value), Acks.ALL), answer::complete);
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void isOpenedAsTheNewestImageSaysOnceThereAreSome() {
        DataDirectory.format(
                disk, PATH, PATH.resolve("metadata"), new DirectoryIdentity(CLUSTER, 1, DIRECTORY));
        try (var first = open()) {
            first.registered(1);
            first.partitions().apply(1, List.of(assigned(1)));
            assertThat(produce(first, "a")).isInstanceOf(ProduceOutcome.Accepted.class);
        }
        disk.refuseToOpen(file -> file.toString().endsWith(".log"));
        try (var directory = open()) {
            directory.registered(2);
            directory.partitions().apply(2, List.of(assigned(2)));
            var local = (LocalPartitions) directory.partitions();

            local.reopen();
            assertThat(partition(directory).status().offlineReason()).isPresent();
            directory.partitions().apply(3, List.of(assigned(3)));
            disk.refuseToOpen(_ -> false);
            local.reopen();

            assertThat(produce(directory, "b")).isInstanceOf(ProduceOutcome.Accepted.class);
            var status = partition(directory).status();
            assertThat(status.offlineReason()).isEmpty();
            assertThat(status.leaderEpoch()).isEqualTo(3);
            assertThat(status.logEndOffset()).isEqualTo(2);
        }
    }
}
