// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.QuorumException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;

/// Keeps the quorum directory's disk from being full while this node can still vote.
///
/// On a full disk the library leaves the file with term and vote empty (ADR 0005), and the voter is
/// lost. So some bytes are held in a file, `ballast`, and given back when the free space falls
/// below a watermark: what is being written at that moment still fits, and the node halts.
///
/// **Threading:** [#isExhausted] by one thread.
final class DiskReserve {

    private static final int CHUNK_BYTES = 1 << 20;

    private final Path ballast;
    private final long freeMinBytes;
    private final LongSupplier usableBytes;

    private DiskReserve(Path ballast, long freeMinBytes, LongSupplier usableBytes) {
        this.ballast = ballast;
        this.freeMinBytes = freeMinBytes;
        this.usableBytes = usableBytes;
    }

    /// Takes the reserve, as many bytes as the watermark.
    ///
    /// @param freeMinBytes the watermark; 0 switches the reserve off
    /// @throws QuorumException.Io there is not room for reserve and watermark
    static DiskReserve take(Path directory, long freeMinBytes, LongSupplier usableBytes) {
        var reserve = new DiskReserve(directory.resolve("ballast"), freeMinBytes, usableBytes);
        if (freeMinBytes == 0) {
            return reserve;
        }
        try {
            reserve.fill();
        } catch (IOException e) {
            throw new QuorumException.Io(reserve.ballast, "reserve space in", e);
        }
        return reserve;
    }

    /// What the directory's disk has left for this process.
    static LongSupplier usableBytesOf(Path directory) {
        return () -> {
            try {
                return Files.getFileStore(directory).getUsableSpace();
            } catch (IOException e) {
                throw new QuorumException.Io(directory, "ask for the free space of", e);
            }
        };
    }

    /// Whether the disk is nearly full. If so the ballast is given back, and the node must halt.
    boolean isExhausted() {
        if (freeMinBytes == 0 || usableBytes.getAsLong() >= freeMinBytes) {
            return false;
        }
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new QuorumException.Io(ballast, "give back", e);
        }
        return true;
    }

    private void fill() throws IOException {
        var missing = freeMinBytes - (Files.exists(ballast) ? Files.size(ballast) : 0);
        var usable = usableBytes.getAsLong();
        if (usable < freeMinBytes + Math.max(0, missing)) {
            throw new IOException(
                    "disk nearly full: "
                            + usable
                            + " bytes are free, metadata needs "
                            + (freeMinBytes + Math.max(0, missing)));
        }
        if (missing <= 0) {
            return;
        }
        // Written, not only sized: a sparse file would reserve nothing.
        try (var out =
                FileChannel.open(
                        ballast,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocate(CHUNK_BYTES);
            for (var left = freeMinBytes; left > 0; left -= zeros.limit()) {
                out.write(zeros.clear().limit((int) Math.min(left, CHUNK_BYTES)));
            }
            out.force(true);
        }
    }
}
