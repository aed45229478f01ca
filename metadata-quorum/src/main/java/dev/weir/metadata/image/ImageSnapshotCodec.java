// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import com.google.protobuf.CodedOutputStream;

import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.MetadataRecordCodec;
import dev.weir.metadata.v1.Envelope;
import dev.weir.metadata.v1.SnapshotChunk;
import dev.weir.metadata.v1.SnapshotEnd;
import dev.weir.metadata.v1.SnapshotFrame;
import dev.weir.metadata.v1.SnapshotHeader;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A whole image to bytes and back: the content of a snapshot, without file names or syncing.
///
/// A snapshot is a run of frames, each after its length (4 bytes, big-endian): a header, records in
/// chunks, and an end with the record count and a CRC-32C over everything before it. The same image
/// always gives the same bytes. See `docs/formats.md`, "Metadata records".
public final class ImageSnapshotCodec {

    private static final int VERSION = 1;

    /// A chunk is closed once it holds this much; one record may go beyond it.
    private static final int CHUNK_BYTES = 64 * 1024;

    /// No frame that we write comes near; more is refused before it is allocated.
    private static final int FRAME_BYTES_MAX = 1024 * 1024;

    private ImageSnapshotCodec() {}

    /// Writes `image`, its offset and activation included. Neither flushes nor closes `out`.
    ///
    /// @throws IOException if `out` fails
    public static void write(ClusterImage image, OutputStream out) throws IOException {
        var writer = new FrameWriter(out);
        writer.frame(SnapshotFrame.newBuilder().setHeader(header(image)).build());
        var chunk = SnapshotChunk.newBuilder();
        var chunkBytes = 0;
        var recordCount = 0L;
        for (var record : ImageRecords.of(image)) {
            var envelope = MetadataRecordCodec.encode(record);
            chunk.addRecords(envelope);
            recordCount++;
            chunkBytes += CodedOutputStream.computeMessageSizeNoTag(envelope);
            if (chunkBytes >= CHUNK_BYTES) {
                writer.frame(SnapshotFrame.newBuilder().setChunk(chunk).build());
                chunk.clear();
                chunkBytes = 0;
            }
        }
        if (chunkBytes > 0) {
            writer.frame(SnapshotFrame.newBuilder().setChunk(chunk).build());
        }
        var end = SnapshotEnd.newBuilder().setRecordCount(recordCount).setCrc(writer.crc());
        writer.frame(SnapshotFrame.newBuilder().setEnd(end).build());
    }

    /// Reads what [#write] wrote, up to and including its end frame. Does not close `in`.
    ///
    /// @throws IOException if `in` fails
    /// @throws dev.weir.metadata.UnknownRecordException if a record's type or version is unknown
    /// @throws MalformedMetadataException if the bytes are no whole snapshot
    public static ClusterImage read(InputStream in) throws IOException {
        var reader = new FrameReader(in);
        var first = reader.next();
        if (!first.hasHeader()) {
            throw new MalformedMetadataException("a snapshot that does not begin with a header");
        }
        var header = first.getHeader();
        if (header.getVersion() != VERSION) {
            throw new MalformedMetadataException("snapshot version " + header.getVersion());
        }
        var replay = new RecordReplay(ClusterImage.EMPTY);
        var recordCount = 0L;
        while (true) {
            var crc = reader.crc();
            var frame = reader.next();
            switch (frame.getFrameCase()) {
                case CHUNK -> {
                    recordCount += frame.getChunk().getRecordsCount();
                    frame.getChunk().getRecordsList().forEach(envelope -> replay(replay, envelope));
                }
                case END -> {
                    check(frame.getEnd(), recordCount, crc);
                    return image(header, replay);
                }
                case HEADER, FRAME_NOT_SET ->
                        throw new MalformedMetadataException(
                                "a snapshot frame " + frame.getFrameCase() + " out of place");
            }
        }
    }

    private static SnapshotHeader header(ClusterImage image) {
        return SnapshotHeader.newBuilder()
                .setVersion(VERSION)
                .setOffset(image.offset())
                .setTerm(image.activation().term())
                .setActivationId(image.activation().activationId())
                .setLastSeq(image.activation().lastSeq())
                .setLastRegistrationNumber(image.brokers().lastRegistrationNumber())
                .setNextProducerId(image.nextProducerId())
                .build();
    }

    private static void replay(RecordReplay replay, Envelope envelope) {
        MetadataRecord record = MetadataRecordCodec.decode(envelope);
        try {
            replay.replay(record);
        } catch (IllegalStateException e) {
            throw new MalformedMetadataException("a snapshot contradicts itself", e);
        }
    }

    private static void check(SnapshotEnd end, long recordCount, int crc) {
        if (end.getRecordCount() != recordCount || end.getCrc() != crc) {
            throw new MalformedMetadataException(
                    "a snapshot of %d records with CRC %08x says %d and %08x"
                            .formatted(recordCount, crc, end.getRecordCount(), end.getCrc()));
        }
    }

    private static ClusterImage image(SnapshotHeader header, RecordReplay replay) {
        var activation =
                new Activation(header.getTerm(), header.getActivationId(), header.getLastSeq());
        var image = replay.image(header.getOffset(), activation);
        if (header.getLastRegistrationNumber() < image.brokers().lastRegistrationNumber()) {
            throw new MalformedMetadataException(
                    "a snapshot's last registration number is below one that it holds");
        }
        return new ClusterImage(
                image.offset(),
                image.activation(),
                image.features(),
                image.topics(),
                new BrokersImage(image.brokers().byId(), header.getLastRegistrationNumber()),
                image.configs(),
                header.getNextProducerId());
    }

    /// Frames out, with the CRC of all bytes so far.
    private static final class FrameWriter {

        private final OutputStream out;
        private final CRC32C crc = new CRC32C();

        FrameWriter(OutputStream out) {
            this.out = out;
        }

        void frame(SnapshotFrame frame) throws IOException {
            var bytes = frame.toByteArray();
            var length = ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array();
            out.write(length);
            out.write(bytes);
            crc.update(length);
            crc.update(bytes);
        }

        int crc() {
            return (int) crc.getValue();
        }
    }

    /// Frames in, with the CRC of all bytes so far.
    private static final class FrameReader {

        private final InputStream in;
        private final CRC32C crc = new CRC32C();

        FrameReader(InputStream in) {
            this.in = in;
        }

        SnapshotFrame next() throws IOException {
            var length = exactly(Integer.BYTES);
            var frameBytes = ByteBuffer.wrap(length).getInt();
            if (frameBytes <= 0 || frameBytes > FRAME_BYTES_MAX) {
                throw new MalformedMetadataException(
                        "a snapshot frame of " + frameBytes + " bytes");
            }
            var bytes = exactly(frameBytes);
            crc.update(length);
            crc.update(bytes);
            try {
                return SnapshotFrame.parseFrom(bytes);
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new MalformedMetadataException("a snapshot frame is torn", e);
            }
        }

        int crc() {
            return (int) crc.getValue();
        }

        private byte[] exactly(int count) throws IOException {
            var bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new MalformedMetadataException(
                        "a snapshot ends after " + bytes.length + " of " + count + " bytes",
                        new EOFException());
            }
            return bytes;
        }
    }
}
