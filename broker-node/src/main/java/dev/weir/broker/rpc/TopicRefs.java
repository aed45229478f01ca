// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import com.google.protobuf.ByteString;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;
import dev.weir.metadata.record.TopicName;

import java.nio.ByteBuffer;
import java.util.UUID;

/// Topics by name and by id, as they are written on the wire.
final class TopicRefs {

    private static final int ID_BYTES = 16;

    private TopicRefs() {}

    /// @throws ApiException `INVALID_TOPIC_NAME`, `UNKNOWN_TOPIC_OR_PARTITION`
    static TopicImage byName(ClusterImage image, String name) {
        return image.topics()
                .topic(name(name))
                .orElseThrow(() -> new ApiException(unknownName(name)));
    }

    /// A name that a topic can have.
    ///
    /// @throws ApiException `INVALID_TOPIC_NAME`
    static String name(String name) {
        if (TopicName.problem(name).isPresent()) {
            throw new ApiException(
                    ApiError.of(
                                    ErrorReason.INVALID_TOPIC_NAME,
                                    "topic name "
                                            + OneLine.quote(name)
                                            + " ("
                                            + name.length()
                                            + " characters) is not 1 to 249 of a-z A-Z 0-9 . _ -,"
                                            + " or is . or ..")
                            .violating("topic.name", "1 to 249 of a-z A-Z 0-9 . _ -, not . or .."));
        }
        return name;
    }

    /// @throws ApiException `INVALID_REQUEST` if it is not 16 bytes
    static UUID id(ByteString bytes) {
        if (bytes.size() != ID_BYTES) {
            throw new ApiException(
                    ApiError.badField("topic.id", "must be 16 bytes, not " + bytes.size()));
        }
        var buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /// Most significant byte first.
    static ByteString bytes(UUID id) {
        var buffer = ByteBuffer.allocate(ID_BYTES);
        buffer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return ByteString.copyFrom(buffer.flip());
    }

    static ApiException missing() {
        return new ApiException(ApiError.badField("topic", "must have a name or an id"));
    }

    static ApiError unknownName(String name) {
        return ApiError.of(
                ErrorReason.UNKNOWN_TOPIC_OR_PARTITION,
                "there is no topic " + OneLine.quote(name) + "; create it: weir topic create NAME");
    }

    static ApiError unknownId(UUID id) {
        return ApiError.of(
                ErrorReason.UNKNOWN_TOPIC_ID,
                "there is no topic with id " + id + " that you may use; ask for it by name");
    }
}
