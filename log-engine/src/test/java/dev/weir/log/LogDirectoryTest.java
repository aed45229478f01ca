// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.PARTITION;
import static dev.weir.log.LogFixture.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;

class LogDirectoryTest {

    private static final Path DATA = Path.of("/data");

    private SimulatedDisk disk;
    private LogFixture fixture;

    @BeforeEach
    void format() {
        disk = new SimulatedDisk();
        fixture = LogFixture.formatted(disk, DATA);
    }

    private static PartitionId partition(int number) {
        return new PartitionId(PARTITION.topicId(), number);
    }

    private static PartitionLog open(LogDirectory directory, int number) {
        return PartitionLog.open(directory, partition(number), LogFixture.SMALL, 0);
    }

    @Test
    void belongsToOneOpenerAtATime() {
        var directory = fixture.open();

        assertThatThrownBy(fixture::open).isInstanceOf(LogException.DirectoryLockedException.class);
        directory.close();
        fixture.open().close();
    }

    @Test
    void refusesADirectoryThatWasNeverFormattedAndFreesItsLock() {
        disk.createDirectories(Path.of("/empty"));

        for (var attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(
                            () ->
                                    LogDirectory.open(
                                            disk,
                                            Path.of("/empty"),
                                            LogDirectoryConfig.DEFAULT,
                                            Runnable::run))
                    .isInstanceOf(LogException.MissingFileException.class);
        }
    }

    @Test
    void knowsItsIdentity() {
        assertThat(fixture.open().directoryId()).isEqualTo(LogFixture.DIRECTORY_ID);
    }

    @Test
    void listsPartitionsThatHaveRecordsAndNothingElse() {
        var directory = fixture.open();
        open(directory, 2).append(batch("a", 1), 0, 0);
        open(directory, 1).append(batch("a", 1), 0, 0);
        var _ = open(directory, 3);
        disk.createDirectories(DATA.resolve("lost+found"));

        assertThat(directory.partitions()).containsExactly(partition(1), partition(2));
    }

    @Test
    void refusesToOpenALogTwice() {
        var directory = fixture.open();
        var log = open(directory, 1);

        assertThatThrownBy(() -> open(directory, 1)).isInstanceOf(IllegalStateException.class);
        log.close();
        open(directory, 1).close();
    }

    @Test
    void aDeletedPartitionIsGoneAtOnceAndForGood() {
        var background = new ArrayDeque<Runnable>();
        var directory = fixture.open(LogFixture.BUDGETS, background::add);
        var log = open(directory, 1);
        log.append(batch("a", 1), 0, 0);
        LogFixture.flush(log);
        directory.checkpoint();

        directory.delete(partition(1));

        assertThat(directory.partitions()).isEmpty();
        var crashed = fixture.on(disk.crashed(CrashPolicy.none()));
        var later = crashed.open();
        assertThat(later.partitions()).isEmpty();
        assertThat(open(later, 1).logEndOffset()).isZero();
        drain(background);
        assertThat(disk.list(DATA)).noneMatch(path -> path.toString().endsWith(".gone"));
        assertThat(disk.list(DATA)).noneMatch(path -> disk.isDirectory(path));
    }

    @Test
    void aFileForTheNextSegmentThatComesTooLateGivesItsSpaceBack() {
        var background = new ArrayDeque<Runnable>();
        var directory = fixture.open(LogFixture.BUDGETS, background::add);
        var log = open(directory, 1);
        // Two segments are begun and a third is asked for before the first one asked for is made.
        while (log.segments().size() < 3 || log.segments().getLast().sizeBytes() < 1_500) {
            log.append(batch("v", 1), 0, 0);
        }

        drain(background);
        log.close();
        directory.close();
        drain(background);

        assertThat(directory.preparedBytes()).isZero();
        assertThat(disk.list(DATA.resolve(partition(1).directoryName())))
                .noneMatch(path -> path.toString().endsWith(SegmentFileName.PREPARED));
    }

    @Test
    void finishesADeletionThatACrashInterrupted() {
        var directory = fixture.open(LogFixture.BUDGETS, new ArrayDeque<Runnable>()::add);
        open(directory, 1).append(batch("a", 1), 0, 0);
        directory.delete(partition(1));
        var crashed = disk.crashed(CrashPolicy.all());

        fixture.on(crashed).open();

        assertThat(crashed.list(DATA)).noneMatch(crashed::isDirectory);
    }

    @Test
    void deletingWhatIsNotThereDoesNothing() {
        fixture.open().delete(partition(5));
    }

    @Test
    void aPartitionThatComesBackAfterItsDeletionBeginsEmpty() {
        var directory = fixture.open();
        open(directory, 1).append(batch("a", 3), 0, 0);
        directory.delete(partition(1));

        var log = open(directory, 1);

        assertThat(log.logEndOffset()).isZero();
        log.append(batch("b", 1), 0, 0);
        assertThat(log.logEndOffset()).isEqualTo(1);
    }

    @Test
    void recoveryPointsFollowDurableEndsAndNeverRunAhead() {
        var directory = fixture.open();
        var log = open(directory, 1);
        log.append(batch("a", 1), 0, 0);
        LogFixture.flush(log);
        log.append(batch("b", 1), 0, 0);
        directory.checkpoint();

        assertThat(recoveryPointAfterACrash()).isEqualTo(1);
        log.truncateTo(0);
        assertThat(recoveryPointAfterACrash()).isZero();
    }

    private long recoveryPointAfterACrash() {
        var after = fixture.on(disk.crashed(CrashPolicy.none())).open();
        return open(after, 1).recovery().recoveryPoint();
    }

    @Test
    void remembersTheDurableEndsOfClosedLogs() {
        var directory = fixture.open();
        var log = open(directory, 1);
        log.append(batch("a", 4), 0, 0);
        log.close();
        directory.close();

        assertThat(recoveryPointAfterACrash()).isEqualTo(4);
    }

    @Test
    void namesPartitionsByTopicIdOnly() {
        var id = new PartitionId(new UUID(1, 2), 3);

        assertThat(id.directoryName()).isEqualTo("00000000-0000-0001-0000-000000000002-3");
        assertThat(PartitionId.ofDirectoryName(id.directoryName())).contains(id);
        for (var name :
                new String[] {
                    "",
                    "topic-3",
                    id.topicId() + "-",
                    id.topicId() + "--3",
                    id.topicId() + "-03",
                    id.topicId() + "-3.gone",
                    id.topicId() + "-99999999999",
                    "../" + id.directoryName()
                }) {
            assertThat(PartitionId.ofDirectoryName(name)).as(name).isEmpty();
        }
    }

    private static void drain(Queue<Runnable> tasks) {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
