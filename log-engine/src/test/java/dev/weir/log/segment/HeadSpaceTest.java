// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.disk.DiskFile;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;

class HeadSpaceTest {

    private static final int LIMIT = 100_000;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final ArrayDeque<Runnable> background = new ArrayDeque<>();
    private final SpaceBudget budget = new SpaceBudget(50_000);
    private DiskFile file;
    private HeadSpace space;
    private int grown;
    private int position;

    @BeforeEach
    void makeHead() {
        disk.createDirectories(Path.of("/d"));
        file = disk.create(Path.of("/d/f"));
        space =
                new HeadSpace(
                        file,
                        LIMIT,
                        new HeadSpace.Steps(1_000, 8_000),
                        budget,
                        background::add,
                        () -> grown++);
    }

    private void write(int bytes) {
        var content = new byte[bytes];
        Arrays.fill(content, (byte) 7);
        space.beforeWrite(position + (long) bytes);
        file.write(position, ByteBuffer.wrap(content));
        position += bytes;
        space.afterWrite(bytes, position);
    }

    private void runBackground() {
        for (var task = background.poll(); task != null; task = background.poll()) {
            task.run();
        }
    }

    private void expectEveryWrittenByte() {
        var bytes = ByteBuffer.allocate(position);
        file.read(0, bytes);
        for (var i = 0; i < position; i++) {
            assertThat(bytes.get(i)).as("byte %d", i).isEqualTo((byte) 7);
        }
    }

    @Test
    void growsByDoublingStepsAheadOfTheHead() {
        write(10);
        runBackground();
        assertThat(file.sizeBytes()).isEqualTo(1_010);
        write(900);
        runBackground();
        assertThat(file.sizeBytes()).isEqualTo(3_010);
        assertThat(space.stepBytes()).isEqualTo(4_000);
        assertThat(grown).isEqualTo(2);
    }

    @Test
    void neverGrowsAboveTheSegmentsSize() {
        while (position < LIMIT - 500) {
            write(500);
            runBackground();
        }
        assertThat(file.sizeBytes()).isEqualTo(LIMIT);
    }

    @Test
    void aTaskThatComesLateWritesNothingOverTheWriter() {
        write(10);
        write(5_000);

        runBackground();

        expectEveryWrittenByte();
    }

    @Test
    void losesNoByteInAnyInterleaving() {
        var random = new SplittableRandom(1);
        while (position < LIMIT - 3_000) {
            write(1 + random.nextInt(3_000));
            if (random.nextInt(3) == 0) {
                runBackground();
            }
        }
        expectEveryWrittenByte();
    }

    @Test
    void countsWhatIsAllocatedAndNotYetWritten() {
        write(10);
        runBackground();
        assertThat(budget.usedBytes()).isEqualTo(1_000);
        write(300);
        assertThat(budget.usedBytes()).isEqualTo(700);

        space.stop();

        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void staysWithinTheBudgetOfTheDirectory() {
        assertThat(budget.tryReserve(49_500)).isTrue();
        write(10);
        runBackground();

        assertThat(file.sizeBytes()).isEqualTo(10);
        assertThat(budget.usedBytes()).isEqualTo(49_500);
    }

    @Test
    void writesNoZerosAfterItWasStopped() {
        write(10);
        space.stop();
        runBackground();

        assertThat(file.sizeBytes()).isEqualTo(10);
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aFullDiskStopsNothing() {
        write(10);
        disk.limitTo(100);
        runBackground();
        write(50);

        expectEveryWrittenByte();
        assertThat(budget.usedBytes()).isZero();
    }
}
