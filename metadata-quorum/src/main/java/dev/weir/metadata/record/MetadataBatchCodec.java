// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import com.google.protobuf.InvalidProtocolBufferException;

import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.v1.Batch;

/// Batches to bytes and back: the payload of one entry of the metadata log.
///
/// The same batch always gives the same bytes. Layout: `docs/formats.md`, "Metadata records".
public final class MetadataBatchCodec {

    private MetadataBatchCodec() {}

    /// The batch's bytes; may be longer than [MetadataBatch#BYTES_MAX], which the proposer checks.
    public static byte[] encode(MetadataBatch batch) {
        var proto = Batch.newBuilder().setActivationId(batch.activationId()).setSeq(batch.seq());
        batch.records().forEach(record -> proto.addRecords(MetadataRecordCodec.encode(record)));
        return proto.build().toByteArray();
    }

    /// The batch that `bytes` hold.
    ///
    /// @throws dev.weir.metadata.UnknownRecordException if a record's type or version is unknown
    /// @throws MalformedMetadataException if the bytes are no batch, or more than
    ///   [MetadataBatch#BYTES_MAX]
    public static MetadataBatch decode(byte[] bytes) {
        if (bytes.length > MetadataBatch.BYTES_MAX) {
            throw new MalformedMetadataException(
                    "a batch of " + bytes.length + " bytes, at most " + MetadataBatch.BYTES_MAX);
        }
        try {
            var proto = Batch.parseFrom(bytes);
            if (!proto.getUnknownFields().asMap().isEmpty()) {
                throw new MalformedMetadataException("a batch has unknown fields");
            }
            var records = proto.getRecordsList().stream().map(MetadataRecordCodec::decode).toList();
            return new MetadataBatch(proto.getActivationId(), proto.getSeq(), records);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedMetadataException("a batch is torn", e);
        } catch (IllegalArgumentException e) {
            throw new MalformedMetadataException("a batch: " + e.getMessage(), e);
        }
    }
}
