// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.LogException;
import dev.weir.log.PartitionId;
import dev.weir.log.checkpoint.CheckpointFile;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;
import dev.weir.log.epoch.LeaderEpochHistory;
import dev.weir.log.producer.ProducerStates;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongSupplier;

/// One partition's directory: makes, names and renames away its files, and reads and writes the
/// small ones. Decides nothing.
///
/// **Threading:** one thread at a time for each file; the callers see to it.
public final class PartitionFiles {

    private static final String EPOCHS = "leader-epochs";
    private static final String LOG_START = "log-start";
    private static final int PRODUCERS_BYTES_MAX = 64 << 20;

    private final SegmentContext context;
    private final Path directory;
    private final PartitionId partition;
    private final UUID directoryId;
    private final LongSupplier nonces;

    /// @param directory of the partition
    /// @param directoryId of the data directory
    /// @param nonces random numbers that never repeat
    public PartitionFiles(
            SegmentContext context,
            Path directory,
            PartitionId partition,
            UUID directoryId,
            LongSupplier nonces) {
        this.context = context;
        this.directory = directory;
        this.partition = partition;
        this.directoryId = directoryId;
        this.nonces = nonces;
    }

    /// The partition's directory; need not exist.
    public Path directory() {
        return directory;
    }

    /// What all segments share.
    public SegmentContext context() {
        return context;
    }

    private Disk disk() {
        return context.disk();
    }

    /// Whether there is a directory: there is none before the first append.
    public boolean exists() {
        return disk().isDirectory(directory);
    }

    /// Makes the directory. Not durable before [#syncEntries].
    ///
    /// @return whether it was missing
    public boolean create() {
        if (exists()) {
            return false;
        }
        disk().createDirectories(directory);
        return true;
    }

    /// All entries are durable on return.
    ///
    /// @param parentToo whether the directory itself may be new
    public void syncEntries(boolean parentToo) {
        disk().syncDirectory(directory);
        if (parentToo) {
            disk().syncDirectory(Objects.requireNonNull(directory.getParent()));
        }
    }

    /// A fresh identity for a segment of this partition.
    public SegmentIdentity identity(long baseOffset) {
        return new SegmentIdentity(
                partition.topicId(),
                partition.partition(),
                directoryId,
                nonces.getAsLong(),
                baseOffset);
    }

    /// Where the batches of a segment are.
    public Path log(long baseOffset) {
        return directory.resolve(SegmentFileName.of(baseOffset, SegmentFileName.LOG));
    }

    /// Where its sidecar is.
    public Path sidecar(long baseOffset) {
        return directory.resolve(SegmentFileName.of(baseOffset, SegmentFileName.SIDECAR));
    }

    /// A file that was made ready to become the next segment.
    ///
    /// @param file open, holding only zeros
    /// @param path its present name
    /// @param bytes its size, counted by the space budget
    public record Prepared(DiskFile file, Path path, long bytes) {}

    /// Allocates a file for the next segment. For the background.
    ///
    /// @return empty if the budget or the disk has no room
    public Optional<Prepared> prepare(int bytes) {
        if (!context.space().tryReserve(bytes)) {
            return Optional.empty();
        }
        var path =
                directory.resolve(
                        "%016x%s".formatted(nonces.getAsLong(), SegmentFileName.PREPARED));
        DiskFile file = null;
        try {
            file = disk().create(path);
            file.allocate(0, bytes);
            file.flush();
            return Optional.of(new Prepared(file, path, bytes));
        } catch (LogException e) {
            context.space().free(bytes);
            if (file != null) {
                file.close();
                deleteQuietly(path);
            }
            return Optional.empty();
        }
    }

    /// Gives a prepared file up.
    public void discard(Prepared prepared) {
        context.space().free(prepared.bytes());
        prepared.file().close();
        deleteQuietly(prepared.path());
    }

    private void deleteQuietly(Path path) {
        try {
            disk().delete(path);
        } catch (LogException _) {
            // The next opening finds it by its name.
        }
    }

    /// Makes the files of a new segment. Nothing of them is durable on return. When it throws, no
    /// file of these names is left that a later call would meet.
    public Segment.SegmentFiles createSegment(long baseOffset, Optional<Prepared> prepared) {
        var sidecarPath = sidecar(baseOffset);
        var sidecar = Sidecar.create(disk(), sidecarPath, identity(baseOffset));
        var path = log(baseOffset);
        try {
            if (prepared.isPresent()) {
                disk().rename(prepared.get().path(), path);
                return new Segment.SegmentFiles(path, prepared.get().file(), sidecar);
            }
            return new Segment.SegmentFiles(path, disk().create(path), sidecar);
        } catch (LogException e) {
            sidecar.close();
            deleteQuietly(sidecarPath);
            throw e;
        }
    }

    /// Takes a segment out of the log: its batches first and durably, then its sidecar. In this
    /// order a crash can leave a sidecar without batches, which is nothing, but never batches
    /// without the sidecar that says where they were cut. After a call that found no room it may be
    /// called again, and goes on where that one stopped.
    ///
    /// @return the new name of the batches
    public Path renameAway(long baseOffset) {
        var log = log(baseOffset);
        var gone = renamedAlready(log).orElseGet(() -> renameAway(log));
        disk().syncDirectory(directory);
        var sidecar = sidecar(baseOffset);
        if (disk().exists(sidecar)) {
            deleteQuietly(renameAway(sidecar));
        }
        return gone;
    }

    private Optional<Path> renamedAlready(Path log) {
        if (disk().exists(log)) {
            return Optional.empty();
        }
        var prefix = log.getFileName() + ".";
        return disk().list(directory).stream()
                .filter(
                        path -> {
                            var name = path.getFileName().toString();
                            return name.startsWith(prefix) && name.endsWith(SegmentFileName.GONE);
                        })
                .findFirst();
    }

    private Path renameAway(Path path) {
        var gone =
                path.resolveSibling(
                        "%s.%016x%s"
                                .formatted(
                                        path.getFileName(),
                                        nonces.getAsLong(),
                                        SegmentFileName.GONE));
        disk().rename(path, gone);
        return gone;
    }

    /// Reads the epoch history.
    ///
    /// @return empty if there is none or it is damaged: it is rebuilt from the batches
    public Optional<LeaderEpochHistory> readEpochs() {
        return read(epochsFile()).flatMap(PartitionFiles::decodeEpochs);
    }

    private static Optional<LeaderEpochHistory> decodeEpochs(ByteBuffer bytes) {
        try {
            return Optional.of(LeaderEpochHistory.decode(bytes));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// Replaces the epoch history. Durable on return.
    public void writeEpochs(LeaderEpochHistory epochs) {
        epochsFile().write(epochs.encode());
    }

    /// The log start offset that a reset set.
    public OptionalLong readLogStart() {
        return read(logStartFile())
                .map(bytes -> OptionalLong.of(bytes.getLong()))
                .orElse(OptionalLong.empty());
    }

    /// Sets the log start offset. Durable on return.
    public void writeLogStart(long offset) {
        logStartFile().write(ByteBuffer.allocate(Long.BYTES).putLong(0, offset).array());
    }

    /// Reads the producer states at an offset.
    public Optional<ProducerStates> readProducers(long offset, int producersMax) {
        return CheckpointFile.readBytes(disk(), producers(offset), PRODUCERS_BYTES_MAX)
                .flatMap(bytes -> ProducerStates.decodeSnapshot(bytes, producersMax))
                .filter(states -> states.mapEndOffset() == offset);
    }

    /// Writes producer states. Durable on return.
    ///
    /// @param snapshot from [ProducerStates#encodeSnapshot]
    public void writeProducers(long offset, byte[] snapshot) {
        var name = SegmentFileName.of(offset, SegmentFileName.PRODUCERS);
        CheckpointFile.replace(disk(), directory, name, snapshot);
    }

    /// Offsets at which there are producer states, rising.
    public List<Long> producerSnapshots() {
        return disk().list(directory).stream()
                .map(path -> path.getFileName().toString())
                .map(name -> SegmentFileName.offsetIn(name, SegmentFileName.PRODUCERS))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .sorted()
                .toList();
    }

    /// Removes all but the newest producer states. Those at the log start stay as long as it does:
    /// they came with a reset, and no batch of the log could tell them again.
    public void deleteOldestProducers(int kept, long logStartOffset) {
        var all = producerSnapshots();
        for (var at : all.subList(0, Math.max(0, all.size() - kept))) {
            if (at != logStartOffset) {
                disk().delete(producers(at));
            }
        }
    }

    /// Removes the producer states above an offset. Durable on return.
    public void deleteProducersAbove(long offset) {
        var above = producerSnapshots().stream().filter(at -> at > offset).toList();
        above.forEach(at -> disk().delete(producers(at)));
        if (!above.isEmpty()) {
            disk().syncDirectory(directory);
        }
    }

    private Path producers(long offset) {
        return directory.resolve(SegmentFileName.of(offset, SegmentFileName.PRODUCERS));
    }

    private CheckpointFile epochsFile() {
        return new CheckpointFile(disk(), directory, EPOCHS, "EPOC", 1);
    }

    private CheckpointFile logStartFile() {
        return new CheckpointFile(disk(), directory, LOG_START, "STRT", 1);
    }

    private static Optional<ByteBuffer> read(CheckpointFile file) {
        return switch (file.read()) {
            case CheckpointFile.Content.Present(_, var payload) -> Optional.of(payload);
            case CheckpointFile.Content.Missing _, CheckpointFile.Content.Corrupt _ ->
                    Optional.empty();
        };
    }
}
