// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.segment.SegmentIndex.Entry;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/// The bytes of a sidecar, written and read.
///
/// Big-endian; positions and sizes in bytes. A header, then records, only ever appended.
///
/// | at | size | header field | note |
/// |---:|-----:|---|---|
/// | 0 | 4 | magic | `WSID` |
/// | 4 | 4 | version | 1 |
/// | 8 | 16 | topic id | |
/// | 24 | 4 | partition | |
/// | 28 | 16 | directory id | |
/// | 44 | 8 | nonce | random, one a segment life |
/// | 52 | 8 | base offset | |
/// | 60 | 4 | CRC | CRC-32C of bytes 0 to 60 |
///
/// | at | size | record field | note |
/// |---:|-----:|---|---|
/// | 0 | 4 | kind | 1 entry, 2 sealed, 3 cut |
/// | 4 | 8 | offset | entry: base offset of the batch at `position`; else: end offset, exclusive |
/// | 12 | 4 | position | entry: where the batch begins; else: length of the valid batches |
/// | 16 | 8 | largest timestamp | of the batches before `position`; -1 for none |
/// | 24 | 4 | chain | [BatchChain] of the batches before `position` |
/// | 28 | 4 | CRC | CRC-32C of the nonce and bytes 0 to 28 |
///
/// The last `sealed` or `cut` record ends the segment: batches at or above it are not part of it,
/// nor are entries above it. Reading stops at the first record whose CRC is wrong.
///
/// @param identity from the header
/// @param entries rising
/// @param end what the last `sealed` or `cut` record says; null for a head
/// @param isWhole whether all bytes were understood
public record SidecarContent(
        SegmentIdentity identity, List<Entry> entries, @Nullable Entry end, boolean isWhole) {

    public static final int HEADER_BYTES = 64;
    public static final int RECORD_BYTES = 32;

    static final int ENTRY = 1;
    static final int SEALED = 2;
    static final int CUT = 3;

    /// Largest sidecar read; bounds what a file's size may ask for.
    static final int SIZE_MAX = 256 << 20;

    private static final int MAGIC = 0x57534944;
    private static final int VERSION = 1;
    private static final int HEADER_CRC_AT = HEADER_BYTES - Integer.BYTES;
    private static final int RECORD_CRC_AT = RECORD_BYTES - Integer.BYTES;

    /// Takes a copy.
    public SidecarContent {
        entries = List.copyOf(entries);
    }

    static ByteBuffer encodeHeader(SegmentIdentity identity) {
        var header = ByteBuffer.allocate(HEADER_BYTES);
        header.putInt(MAGIC).putInt(VERSION);
        header.putLong(identity.topicId().getMostSignificantBits());
        header.putLong(identity.topicId().getLeastSignificantBits());
        header.putInt(identity.partition());
        header.putLong(identity.directoryId().getMostSignificantBits());
        header.putLong(identity.directoryId().getLeastSignificantBits());
        header.putLong(identity.nonce()).putLong(identity.baseOffset());
        return header.putInt(headerCrc(header)).flip();
    }

    static void encodeRecord(ByteBuffer target, int kind, Entry entry, long nonce) {
        var at = target.position();
        target.putInt(kind).putLong(entry.offset()).putInt(entry.position());
        target.putLong(entry.maxTimestampMs()).putInt(entry.chain());
        target.putInt(recordCrc(target, at, nonce));
    }

    /// Reads a sidecar's bytes, from index 0 to the limit.
    ///
    /// @return empty if the header is not one
    public static Optional<SidecarContent> decode(ByteBuffer bytes) {
        if (bytes.limit() < HEADER_BYTES
                || bytes.getInt(0) != MAGIC
                || bytes.getInt(4) != VERSION
                || bytes.getInt(HEADER_CRC_AT) != headerCrc(bytes)) {
            return Optional.empty();
        }
        var identity =
                new SegmentIdentity(
                        new UUID(bytes.getLong(8), bytes.getLong(16)),
                        bytes.getInt(24),
                        new UUID(bytes.getLong(28), bytes.getLong(36)),
                        bytes.getLong(44),
                        bytes.getLong(52));
        var entries = new ArrayList<Entry>();
        Entry end = null;
        var at = HEADER_BYTES;
        while (at <= bytes.limit() - RECORD_BYTES) {
            var kind = bytes.getInt(at);
            var entry = entryAt(bytes, at);
            if (bytes.getInt(at + RECORD_CRC_AT) != recordCrc(bytes, at, identity.nonce())
                    || !follows(kind, entry, entries, end)) {
                break;
            }
            if (kind == ENTRY) {
                entries.add(entry);
            } else {
                end = entry;
            }
            at += RECORD_BYTES;
        }
        if (end != null) {
            var length = end.position();
            entries.removeIf(entry -> entry.position() > length);
        }
        return Optional.of(new SidecarContent(identity, entries, end, at == bytes.limit()));
    }

    private static boolean follows(
            int kind, Entry entry, List<Entry> entries, @Nullable Entry end) {
        if (entry.position() < 0 || entry.offset() < 0) {
            return false;
        }
        return switch (kind) {
            case ENTRY ->
                    end == null
                            && (entries.isEmpty()
                                    || entry.position() > entries.getLast().position());
            case SEALED, CUT -> end == null || entry.position() <= end.position();
            default -> false;
        };
    }

    private static Entry entryAt(ByteBuffer bytes, int at) {
        return new Entry(
                bytes.getLong(at + 4),
                bytes.getInt(at + 12),
                bytes.getLong(at + 16),
                bytes.getInt(at + 24));
    }

    private static int headerCrc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.slice(0, HEADER_CRC_AT));
        return (int) crc.getValue();
    }

    private static int recordCrc(ByteBuffer bytes, int at, long nonce) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, nonce));
        crc.update(bytes.slice(at, RECORD_CRC_AT));
        return (int) crc.getValue();
    }
}
