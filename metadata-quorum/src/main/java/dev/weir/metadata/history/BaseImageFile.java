// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.QuorumException;
import dev.weir.metadata.identity.AtomicFile;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageSnapshotCodec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The image that a chapter of the history begins with.
///
/// Big-endian: the 8 bytes `WEIRHIM1`, the wall time in milliseconds at which the chapter began
/// (8), the CRC-32C of time and image (4), then the image as [ImageSnapshotCodec] writes it.
/// Written at once, durable, never changed.
final class BaseImageFile {

    private static final byte[] MAGIC = "WEIRHIM1".getBytes(StandardCharsets.US_ASCII);
    private static final int TIME_AT = 8;
    private static final int CRC_AT = 16;
    private static final int IMAGE_AT = 20;

    private BaseImageFile() {}

    /// @return bytes written
    static long write(Path file, long timeMs, ClusterImage image) {
        var bytes = new ByteArrayOutputStream();
        try {
            bytes.write(new byte[IMAGE_AT]);
            ImageSnapshotCodec.write(image, bytes);
        } catch (IOException e) {
            throw new QuorumException.Io(file, "write", e);
        }
        var content = bytes.toByteArray();
        ByteBuffer.wrap(content).put(MAGIC).putLong(timeMs).putInt(CRC_AT, crc(timeMs, content));
        AtomicFile.write(file, content);
        return content.length;
    }

    /// The wall time at which the chapter began.
    static long timeMs(Path file) {
        var header = ByteBuffer.allocate(IMAGE_AT);
        try (var in = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining()) {
                if (in.read(header) < 0) {
                    throw new QuorumException.Corrupt(file, "shorter than its header");
                }
            }
        } catch (IOException e) {
            throw new QuorumException.Io(file, "read", e);
        }
        checkMagic(file, header.array());
        return header.getLong(TIME_AT);
    }

    /// @throws IOException the file cannot be read, or is gone
    static ClusterImage read(Path file) throws IOException {
        var content = Files.readAllBytes(file);
        if (content.length < IMAGE_AT) {
            throw new QuorumException.Corrupt(file, "shorter than its header");
        }
        checkMagic(file, content);
        var header = ByteBuffer.wrap(content);
        if (header.getInt(CRC_AT) != crc(header.getLong(TIME_AT), content)) {
            throw new QuorumException.Corrupt(file, "checksum");
        }
        return ImageSnapshotCodec.read(
                new ByteArrayInputStream(content, IMAGE_AT, content.length - IMAGE_AT));
    }

    private static void checkMagic(Path file, byte[] content) {
        if (!Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new QuorumException.Corrupt(file, "not a history image");
        }
    }

    private static int crc(long timeMs, byte[] content) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, timeMs));
        crc.update(content, IMAGE_AT, content.length - IMAGE_AT);
        return (int) crc.getValue();
    }
}
