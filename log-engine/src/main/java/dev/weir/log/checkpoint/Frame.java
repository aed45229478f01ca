// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// A checksummed, versioned envelope around a few bytes that are stored or sent as a whole.
///
/// Big-endian. Positions and sizes in bytes.
///
/// | offset | size | field           | note                                             |
/// |-------:|-----:|-----------------|--------------------------------------------------|
/// |      0 |    4 | `magic`         | `WEIR` in ASCII                                  |
/// |      4 |    4 | `kind`          | four ASCII letters; a file under a wrong name is found |
/// |      8 |    4 | `version`       | of the payload's layout, from 1                  |
/// |     12 |    4 | `payloadLength` |                                                  |
/// |     16 |    … | payload         |                                                  |
/// |      … |    4 | `crc`           | CRC-32C of everything before it                  |
public final class Frame {

    /// Largest payload, in bytes. Bounds what a length that was read may ask for.
    public static final int PAYLOAD_BYTES_MAX = 64 << 20;

    private static final int MAGIC = 0x57454952;
    private static final int PAYLOAD_AT = 16;
    private static final int CRC_BYTES = Integer.BYTES;

    private Frame() {}

    /// What bytes turned out to be.
    public sealed interface Decoded {

        /// The bytes are whole.
        ///
        /// @param version of the payload's layout; at most the one the reader knows
        /// @param payload the payload, position 0
        record Valid(int version, ByteBuffer payload) implements Decoded {}

        /// The bytes are not what was written.
        ///
        /// @param reason for the log and the operator
        record Corrupt(String reason) implements Decoded {}

        /// A newer program wrote the bytes.
        ///
        /// @param version of the payload's layout
        record TooNew(int version) implements Decoded {}
    }

    /// Wraps a payload.
    ///
    /// @param kind four ASCII letters
    /// @param version of the payload's layout, from 1
    public static byte[] encode(String kind, int version, byte[] payload) {
        if (payload.length > PAYLOAD_BYTES_MAX || version < 1) {
            throw new IllegalArgumentException(
                    kind + " version " + version + ", " + payload.length + " bytes");
        }
        var buffer = ByteBuffer.allocate(PAYLOAD_AT + payload.length + CRC_BYTES);
        buffer.putInt(MAGIC).putInt(kindCode(kind)).putInt(version).putInt(payload.length);
        buffer.put(payload);
        buffer.putInt(crc(buffer.array(), buffer.position()));
        return buffer.array();
    }

    /// Unwraps a payload. Never throws for what the bytes hold.
    ///
    /// @param kind the kind the caller expects
    /// @param newestVersion the newest layout the caller reads
    public static Decoded decode(String kind, int newestVersion, byte[] bytes) {
        if (bytes.length < PAYLOAD_AT + CRC_BYTES) {
            return new Decoded.Corrupt(bytes.length + " bytes are too few");
        }
        var buffer = ByteBuffer.wrap(bytes);
        var magic = buffer.getInt();
        var kindFound = buffer.getInt();
        var version = buffer.getInt();
        var payloadLength = buffer.getInt();
        if (magic != MAGIC || kindFound != kindCode(kind)) {
            return new Decoded.Corrupt("does not begin as a " + kind + " file");
        }
        if (payloadLength != bytes.length - PAYLOAD_AT - CRC_BYTES) {
            return new Decoded.Corrupt(
                    "payload of " + payloadLength + " bytes in a file of " + bytes.length);
        }
        var crcAt = bytes.length - CRC_BYTES;
        var stored = buffer.getInt(crcAt);
        var actual = crc(bytes, crcAt);
        if (stored != actual) {
            return new Decoded.Corrupt(
                    String.format("crc expected %08x, found %08x", stored, actual));
        }
        if (version < 1) {
            return new Decoded.Corrupt("version " + version);
        }
        if (version > newestVersion) {
            return new Decoded.TooNew(version);
        }
        return new Decoded.Valid(
                version, ByteBuffer.wrap(Arrays.copyOfRange(bytes, PAYLOAD_AT, crcAt)));
    }

    private static int kindCode(String kind) {
        if (kind.length() != Integer.BYTES) {
            throw new IllegalArgumentException("kind " + kind);
        }
        var code = 0;
        for (var i = 0; i < Integer.BYTES; i++) {
            code = code << Byte.SIZE | kind.charAt(i);
        }
        return code;
    }

    private static int crc(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
