// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// Batches to bytes and back: the payload of one entry of the metadata log.
///
/// The same batch always gives the same bytes. Layout: `docs/formats.md`, "Metadata records".
public final class MetadataBatchCodec {

    private MetadataBatchCodec() {}

    /// The batch's bytes; may be longer than [MetadataBatch#BYTES_MAX], which the proposer checks.
    public static byte[] encode(MetadataBatch batch) {
        throw new UnsupportedOperationException(batch.toString());
    }

    /// The batch that `bytes` hold.
    ///
    /// @throws dev.weir.metadata.UnknownRecordException if a record's type or version is unknown
    /// @throws dev.weir.metadata.MalformedMetadataException if the bytes are no batch, or more than
    ///   [MetadataBatch#BYTES_MAX]
    public static MetadataBatch decode(byte[] bytes) {
        throw new UnsupportedOperationException("" + bytes.length);
    }
}
