// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

import dev.weir.api.internal.v1.ImageChange;
import dev.weir.api.internal.v1.ImagePart;
import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.MetadataException;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.image.ImageSnapshotCodec;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Images and their changes in the formats of the metadata log and its snapshots, cut to messages.
final class ImageStreams {

    /// Largest image that is put together from parts; 100,000 partitions take about 10 MB.
    static final int IMAGE_BYTES_MAX = 256 * 1024 * 1024;

    private static final int PART_BYTES = 512 * 1024;

    private ImageStreams() {}

    /// The parts of an image, the last one marked.
    static List<ImagePart> parts(ClusterImage image) {
        var bytes = new ByteArrayOutputStream();
        try {
            ImageSnapshotCodec.write(image, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array refused bytes", e);
        }
        var whole = UnsafeByteOperations.unsafeWrap(bytes.toByteArray());
        var parts = new ArrayList<ImagePart>();
        for (int from = 0; from < whole.size(); from += PART_BYTES) {
            int to = Math.min(whole.size(), from + PART_BYTES);
            parts.add(
                    ImagePart.newBuilder()
                            .setData(whole.substring(from, to))
                            .setLast(to == whole.size())
                            .build());
        }
        return parts;
    }

    /// The batch that made a change. Its place in its activation is the image's own after it.
    static ImageChange change(ClusterImage image, ImageDelta delta) {
        var activation = image.activation();
        var batch =
                new MetadataBatch(activation.activationId(), activation.lastSeq(), delta.records());
        return ImageChange.newBuilder()
                .setOffset(delta.offset())
                .setTerm(activation.term())
                .setBatch(UnsafeByteOperations.unsafeWrap(MetadataBatchCodec.encode(batch)))
                .build();
    }

    /// The image after a change, which is fenced as in the log: one that does not follow the image
    /// is found out.
    ///
    /// @throws MetadataException it does not, or it is no change
    static ApplyResult.Applied applied(ClusterImage image, ImageChange change) {
        if (change.getOffset() <= image.offset()) {
            throw new MalformedMetadataException(
                    "a change to " + change.getOffset() + " after " + image.offset());
        }
        var batch = MetadataBatchCodec.decode(change.getBatch().toByteArray());
        return switch (image.apply(batch, change.getTerm(), change.getOffset())) {
            case ApplyResult.Applied applied -> applied;
            case ApplyResult.Skipped(var reason) ->
                    throw new MalformedMetadataException(
                            "a change to "
                                    + change.getOffset()
                                    + " does not follow "
                                    + image.offset()
                                    + ": "
                                    + reason);
        };
    }

    /// Puts an image together.
    static final class Assembly {

        private ByteString collected = ByteString.EMPTY;

        /// @return the image, with its last part
        /// @throws MetadataException the parts are no image
        Optional<ClusterImage> add(ImagePart part) {
            if (collected.size() + part.getData().size() > IMAGE_BYTES_MAX) {
                throw new MalformedMetadataException(
                        "an image of more than " + IMAGE_BYTES_MAX + " bytes");
            }
            collected = collected.concat(part.getData());
            if (!part.getLast()) {
                return Optional.empty();
            }
            var whole = collected;
            collected = ByteString.EMPTY;
            try {
                return Optional.of(ImageSnapshotCodec.read(whole.newInput()));
            } catch (IOException e) {
                throw new UncheckedIOException("bytes in memory cannot be read", e);
            }
        }
    }
}
