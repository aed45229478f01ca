// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static dev.weir.log.LogFixture.batch;
import static dev.weir.log.LogFixture.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.segment.SegmentFileName;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation.Kind;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// A full disk and a broken one.
class PartitionLogFailureTest {

    private SimulatedDisk disk;
    private LogFixture fixture;
    private LogDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void openLog() {
        disk = new SimulatedDisk();
        fixture = LogFixture.formatted(disk, Path.of("/data"));
        directory = fixture.open();
        log = LogFixture.log(directory);
    }

    private void failing(Kind kind) {
        disk.inject(operation -> operation.kind() == kind ? new Fault.IoError() : new Fault.None());
    }

    @Test
    void aFullDiskIsATypedErrorAndReadsGoOn() {
        var appended = fillTheDisk();

        assertThatThrownBy(() -> log.append(batch("more", 100), 0, 0))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThat(log.failure()).isEmpty();
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize(appended);
    }

    @Test
    void appendsAgainOnceThereIsSpaceWithoutWritingOverAnything() {
        var appended = fillTheDisk();
        // What the refused write left behind the end is undefined, so nothing goes there any more.
        assertThat(log.segments().getLast().sealed()).isTrue();
        disk.limitTo(Long.MAX_VALUE);

        log.append(batch("again", 1), 0, 0);

        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(log.logEndOffset()));
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize(appended + 1);
        fixture = fixture.on(disk.crashed(CrashPolicy.all()));
        log = LogFixture.log(fixture.open());
        assertThat(LogFixture.batches(log, 0, 10_000)).hasSize(appended + 1);
    }

    private int fillTheDisk() {
        log.append(batch("v", 1), 0, 0);
        disk.limitTo(6_000);
        var appended = 1;
        try {
            while (true) {
                log.append(batch("v" + appended, 10), 0, 0);
                appended++;
            }
        } catch (LogException.DiskFullException e) {
            return appended;
        }
    }

    @Test
    void aDiskFullAtTheFirstBatchOfASegmentLeavesItsBaseFree() {
        disk.limitTo(1_000);
        assertThatThrownBy(() -> log.append(batch("x".repeat(3_000), 1), 0, 0))
                .isInstanceOf(LogException.DiskFullException.class);
        assertThatThrownBy(() -> log.append(batch("x".repeat(3_000), 1), 0, 0))
                .isInstanceOf(LogException.DiskFullException.class);
        disk.limitTo(Long.MAX_VALUE);

        log.append(batch("fits", 1), 0, 0);

        assertThat(log.logEndOffset()).isEqualTo(1);
        assertThat(log.segments()).extracting(SegmentInfo::baseOffset).containsExactly(0L);
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(1));
    }

    @Test
    void aDiskFullWhileAnEmptySegmentIsRemovedOnlyRefusesThatAppend() {
        disk.limitTo(1_000);
        assertThatThrownBy(() -> log.append(batch("x".repeat(3_000), 1), 0, 0))
                .isInstanceOf(LogException.DiskFullException.class);
        disk.limitTo(Long.MAX_VALUE);
        disk.inject(
                operation -> {
                    if (operation.kind() == Kind.RENAME
                            && operation.path().toString().endsWith(SegmentFileName.SIDECAR)) {
                        throw new LogException.DiskFullException(operation.path(), 0, null);
                    }
                    return new Fault.None();
                });
        assertThatThrownBy(() -> log.append(batch("a", 1), 0, 0))
                .isInstanceOf(LogException.DiskFullException.class);
        disk.inject(_ -> new Fault.None());

        log.append(batch("a", 1), 0, 0);

        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(1));
        assertThat(log.segments()).extracting(SegmentInfo::baseOffset).containsExactly(0L);
    }

    @Test
    void aLackOfFileDescriptorsRefusesAppendsAndFlushesAndStopsNothing() {
        exhausted(Kind.CREATE);
        assertThatThrownBy(() -> log.append(batch("a", 1), 0, 0))
                .isInstanceOf(LogException.ResourcesExhaustedException.class);
        disk.inject(_ -> new Fault.None());
        log.append(batch("a", 1), 0, 0);
        exhausted(Kind.CREATE);
        assertThat(flush(log)).isInstanceOf(FlushResult.Refused.class);
        exhausted(Kind.SYNC_DIRECTORY);
        assertThat(flush(log)).isInstanceOf(FlushResult.Refused.class);
        assertThat(log.durableEndOffset()).isZero();
        disk.inject(_ -> new Fault.None());

        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(1));
        assertThat(log.failure()).isEmpty();
        assertThat(directory.failure()).isEmpty();
        disk = disk.crashed(CrashPolicy.none());
        log = LogFixture.log(fixture.on(disk).open());
        assertThat(log.logEndOffset()).isEqualTo(1);
    }

    private void exhausted(Kind kind) {
        disk.inject(
                operation -> {
                    if (operation.kind() == kind) {
                        throw new LogException.ResourcesExhaustedException(
                                operation.path(), "open", new IOException("Too many open files"));
                    }
                    return new Fault.None();
                });
    }

    @Test
    void nothingIsProvedAfterAFlushThatFailed() {
        log.append(batch("a", 1), 0, 0);
        failing(Kind.FLUSH);
        assertThat(flush(log)).isInstanceOf(FlushResult.Failed.class);
        disk.inject(_ -> new Fault.None());

        assertThat(log.durableEndOffset()).isZero();
        assertThat(log.failure()).isPresent();
        assertThat(directory.failure()).isPresent();
        assertThat(log.beginFlush()).isEmpty();
        assertThatThrownBy(() -> log.append(batch("b", 1), 0, 0))
                .isInstanceOf(LogException.DiskFailedException.class);
        assertThat(LogFixture.batches(log, 0, 100)).hasSize(1);
    }

    @Test
    void aFlushThatAnErrorOfTheProcessEndsProvesNothing() {
        log.append(batch("a", 1), 0, 0);
        var ticket = log.beginFlush().orElseThrow();
        disk.inject(
                operation -> {
                    if (operation.kind() == Kind.FLUSH) {
                        throw new OutOfMemoryError("Cannot reserve direct buffer memory");
                    }
                    return new Fault.None();
                });
        assertThatThrownBy(ticket::run).isInstanceOf(OutOfMemoryError.class);
        disk.inject(_ -> new Fault.None());

        assertThat(log.complete(ticket)).isInstanceOf(FlushResult.Failed.class);
        assertThat(log.durableEndOffset()).isZero();
        assertThat(log.failure()).isPresent();
    }

    @Test
    void aFailedFlushIsNotForgottenByARestart() {
        log.append(batch("a", 1), 0, 0);
        var ticket = log.beginFlush().orElseThrow();
        var failed = new AtomicBoolean();
        disk.inject(
                operation ->
                        operation.kind() == Kind.FLUSH && failed.compareAndSet(false, true)
                                ? new Fault.IoError()
                                : new Fault.None());
        ticket.run();
        assertThat(log.complete(ticket)).isInstanceOf(FlushResult.Failed.class);
        log.close();
        directory.close();
        var marker = directory.path().resolve(FailedMarker.FILE);

        assertThatThrownBy(() -> fixture.open())
                .isInstanceOf(LogException.FailedBeforeException.class)
                .hasMessageContaining("Input/output error")
                .hasMessageContaining("removing " + marker);
        disk.delete(marker);

        try (var again = fixture.open()) {
            assertThat(again.failure()).isEmpty();
        }
    }

    @Test
    void aFailureOfOneLogStopsTheOthersOfTheDirectory() {
        log.append(batch("a", 1), 0, 0);
        var other =
                PartitionLog.open(
                        directory,
                        new PartitionId(LogFixture.PARTITION.topicId(), 9),
                        LogFixture.SMALL,
                        0);
        other.append(batch("b", 1), 0, 0);
        var ticket = other.beginFlush().orElseThrow();
        ticket.run();
        failing(Kind.WRITE);
        assertThatThrownBy(() -> log.append(batch("c", 1), 0, 0))
                .isInstanceOf(LogException.DiskFailedException.class);
        disk.inject(_ -> new Fault.None());

        assertThat(other.complete(ticket)).isInstanceOf(FlushResult.Failed.class);
        assertThat(other.durableEndOffset()).isZero();
    }

    @Test
    void aFailedTruncationEndsTheLog() {
        for (var i = 0; i < 60; i++) {
            log.append(batch("v" + i, 1), 0, 0);
        }
        failing(Kind.SYNC_DIRECTORY);
        assertThatThrownBy(() -> log.truncateTo(3))
                .isInstanceOf(LogException.DiskFailedException.class);
        disk.inject(_ -> new Fault.None());

        assertThatThrownBy(() -> log.append(batch("x", 1), 0, 0))
                .isInstanceOf(LogException.DiskFailedException.class);
    }

    @Test
    void aFullDiskUnderTheSmallFilesOnlyDelaysTheProof() {
        log.append(batch("a", 1), 0, 0);
        var ticket = log.beginFlush().orElseThrow();
        disk.limitTo(0);
        ticket.run();

        assertThat(log.complete(ticket)).isInstanceOf(FlushResult.Refused.class);

        assertThat(log.durableEndOffset()).isZero();
        disk.limitTo(Long.MAX_VALUE);
        assertThat(flush(log)).isEqualTo(new FlushResult.Durable(1));
    }

    @Test
    void aCloseThatCannotFlushSaysSoAndClosesAllTheSame() {
        log.append(batch("a", 1), 0, 0);
        disk.limitTo(0);
        assertThatThrownBy(log::close).isInstanceOf(LogException.DiskFullException.class);
        assertThat(log.durableEndOffset()).isZero();
        disk.limitTo(Long.MAX_VALUE);

        log = LogFixture.log(directory);
        log.append(batch("b", 1), 0, 0);
        failing(Kind.FLUSH);
        assertThatThrownBy(log::close).isInstanceOf(LogException.DiskFailedException.class);
        assertThat(log.durableEndOffset()).isEqualTo(1);
    }

    @Test
    void aCloseInTheMiddleOfACutSaysSoAndClosesAllTheSame() {
        log.append(batch("a", 1), 0, 0);
        log.append(batch("b", 1), 0, 0);
        disk.limitTo(0);
        assertThatThrownBy(() -> log.truncateTo(1))
                .isInstanceOf(LogException.DiskFullException.class);

        assertThatThrownBy(log::close).isInstanceOf(IllegalStateException.class);

        disk.limitTo(Long.MAX_VALUE);
        assertThat(LogFixture.log(directory).logEndOffset()).isPositive();
    }

    @Test
    void aCorruptStoredBatchIsNeverServed() {
        for (var i = 0; i < 3; i++) {
            log.append(batch("v" + i, 1), 0, 0);
        }
        log.close();
        directory.close();
        var size = batch("v0", 1).remaining();
        try (var file = disk.open(log.segments().getFirst().file())) {
            file.write(2L * size - 1, ByteBuffer.wrap(new byte[] {99}));
        }
        log = LogFixture.log(fixture.open());

        var before = ((ReadResult.Batches) log.read(0, 3 * size, 3, true)).slice();
        assertThat(before.nextOffset()).isEqualTo(1);
        assertThat(before.sizeBytes()).isEqualTo(size);
        before.release();
        assertThatThrownBy(() -> log.read(1, size, 3, true))
                .isInstanceOf(LogException.CorruptLogException.class)
                .satisfies(
                        e ->
                                assertThat(((LogException.CorruptLogException) e).position())
                                        .isEqualTo(size));
    }

    @Test
    void aPowerLossBeforeTheFirstFlushLeavesAnEmptyLog() {
        log.append(List.of(batch("a", 1), batch("b", 2)), 0, 0);
        fixture = fixture.on(disk.crashed(CrashPolicy.none()));

        log = LogFixture.log(fixture.open());

        assertThat(log.logEndOffset()).isZero();
        log.append(batch("c", 1), 0, 0);
    }
}
