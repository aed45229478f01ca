// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.NumberedRecords.Label;
import dev.weir.log.disk.Disk;
import dev.weir.log.inspection.InspectionVisitor;
import dev.weir.log.inspection.LogInspection;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;
import dev.weir.record.CorruptBatchException;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// One bit of one file of a log that was closed in good order is flipped. Whichever it is, the log
/// is whole, or somebody says that it is not: never a wrong record, never a silent hole.
class BitRotTest {

    private static final int FLIPS = 800;
    private static final int STEPS = 120;
    private static final long SEED = 11;

    private static final InspectionVisitor NOBODY = new InspectionVisitor() {};

    private int refusedOpenings;
    private int damagedBatches;
    private int damagedHeaders;
    private int harmless;

    @Test
    void noFlippedBitGoesUnnoticedWhereItMatters() {
        var disk = new SimulatedDisk();
        CrashScript.format(disk);
        var script = new CrashScript(disk, CrashScript.SMALL_SEGMENTS, SEED);
        for (var step = 0; step < STEPS; step++) {
            script.step();
        }
        script.close();
        var expectation = script.model.expectation();
        var files = files(disk);
        for (var flip = 0; flip < FLIPS; flip++) {
            var random = new SplittableRandom(SEED + flip);
            var damaged = disk.crashed(CrashPolicy.all());
            var file = files.get(random.nextInt(files.size()));
            var what = flipOneBit(damaged, file, random);
            judge(damaged, expectation.start(), expectation.allowed(), what);
        }
        System.out.printf(
                "flipped bits: %d openings refused, %d batches and %d headers found, %d harmless%n",
                refusedOpenings, damagedBatches, damagedHeaders, harmless);
        assertThat(refusedOpenings).isPositive();
        assertThat(damagedBatches).isPositive();
        assertThat(damagedHeaders).isPositive();
    }

    private void judge(SimulatedDisk disk, long start, List<Label> labels, String what) {
        var untouched = disk.crashed(CrashPolicy.all());
        PartitionLog log;
        try {
            var directory = CrashScript.openDirectory(disk);
            log = CrashScript.openLog(directory, CrashScript.SMALL_SEGMENTS);
        } catch (LogException.CorruptLogException e) {
            refusedOpenings++;
            return;
        }
        try {
            assertThat(log.logStartOffset()).as(what).isEqualTo(start);
            assertThat(log.logEndOffset()).as(what).isEqualTo(start + labels.size());
            assertThat(NumberedRecords.readAll(log)).as(what).isEqualTo(labels);
            harmless++;
        } catch (LogException.CorruptLogException | CorruptBatchException e) {
            damagedBatches++;
        } catch (AssertionError e) {
            // Offset and epoch of a batch lie outside its CRC: only the sidecar knows them too.
            var found = LogInspection.inspect(untouched, CrashScript.DIRECTORY, NOBODY);
            assertThat(found.problems()).as(what + ": " + e).isPositive();
            damagedHeaders++;
        }
    }

    private static List<Path> files(Disk disk) {
        var files = new ArrayList<Path>();
        for (var path : disk.list(CrashScript.DIRECTORY)) {
            if (disk.isDirectory(path)) {
                files.addAll(disk.list(path));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    private static String flipOneBit(Disk disk, Path path, SplittableRandom random) {
        try (var file = disk.open(path)) {
            if (file.sizeBytes() == 0) {
                return "nothing";
            }
            var at = random.nextLong(file.sizeBytes());
            var bit = random.nextInt(Byte.SIZE);
            var one = ByteBuffer.allocate(1);
            file.read(at, one);
            one.put(0, (byte) (one.get(0) ^ 1 << bit));
            file.write(at, one.flip());
            return "bit " + bit + " of byte " + at + " of " + path.getFileName();
        }
    }
}
