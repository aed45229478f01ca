// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.MetadataException;
import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.record.MetadataBatch;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

class ImageSnapshotCodecTest {

    private static final long SEEDS = 30;

    @Test
    void readsBackEveryImageAndWritesTheSameBytes() throws IOException {
        for (var seed = 1L; seed <= SEEDS; seed++) {
            // Given
            var image = new RandomHistory(seed).image(60);

            // When
            var bytes = bytes(image);
            var read = ImageSnapshotCodec.read(new ByteArrayInputStream(bytes));

            // Then
            assertThat(read).as("seed %d", seed).isEqualTo(image);
            assertThat(bytes(read)).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void aReplicaThatStartsFromASnapshotEndsWithTheSameImage() throws IOException {
        for (var seed = 1L; seed <= SEEDS; seed++) {
            // Given
            var history = new RandomHistory(seed);
            var early = history.image(30);

            // When
            var copy = ImageSnapshotCodec.read(new ByteArrayInputStream(bytes(early)));
            for (var i = 0; i < 30; i++) {
                var entry = history.next();
                if (copy.apply(entry.batch(), entry.term(), entry.index())
                        instanceof Applied(var image, _)) {
                    copy = image;
                }
            }

            // Then
            assertThat(copy).as("seed %d", seed).isEqualTo(history.current());
        }
    }

    @Test
    void replayingTheRecordsOfEachDeltaGivesTheImage() {
        for (var seed = 1L; seed <= SEEDS; seed++) {
            // Given
            var history = new RandomHistory(seed);
            var replayed = ClusterImage.EMPTY;

            for (var i = 0; i < 60; i++) {
                // When
                var before = history.current();
                var entry = history.next();

                // Then
                if (before.apply(entry.batch(), entry.term(), entry.index())
                        instanceof Applied(var image, var delta)) {
                    replayed = replayed.with(delta.records());
                    assertThat(replayed.topics()).as("seed %d", seed).isEqualTo(image.topics());
                    assertThat(replayed.brokers()).as("seed %d", seed).isEqualTo(image.brokers());
                    assertThat(replayed.configs()).as("seed %d", seed).isEqualTo(image.configs());
                    assertThat(changed(before, image, delta)).as("seed %d", seed).isTrue();
                }
            }
        }
    }

    @Test
    void refusesEveryTruncatedSnapshot() throws IOException {
        // Given
        var whole = bytes(new RandomHistory(7).image(40));

        for (var length = 0; length < whole.length; length++) {
            // When
            var torn = Arrays.copyOf(whole, length);

            // Then
            assertThatThrownBy(() -> ImageSnapshotCodec.read(new ByteArrayInputStream(torn)))
                    .as("length %d", length)
                    .isInstanceOf(MetadataException.class);
        }
    }

    @Test
    void refusesEveryFlippedByte() throws IOException {
        // Given
        var whole = bytes(new RandomHistory(7).image(20));

        for (var at = 0; at < whole.length; at++) {
            // When
            var flipped = whole.clone();
            flipped[at] ^= 0x10;

            // Then
            assertThatThrownBy(() -> ImageSnapshotCodec.read(new ByteArrayInputStream(flipped)))
                    .as("byte %d", at)
                    .isInstanceOf(MetadataException.class);
        }
    }

    @Test
    void keepsTheBytesOfAnEmptyImage() throws IOException {
        var activated = (Applied) ClusterImage.EMPTY.apply(MetadataBatch.activation(2, 1), 2, 3);

        assertThat(bytes(activated.image()))
                .asHexString()
                .isEqualTo("0000000A0A080801100318022001000000071A0515631B1BE3");
    }

    /// Whether the delta names every topic, broker and scope that differs.
    private static boolean changed(ClusterImage before, ClusterImage after, ImageDelta delta) {
        for (var topic : after.topics().all()) {
            var old = before.topics().topic(topic.topicId());
            if (old.isEmpty() != delta.createdTopics().contains(topic.topicId())) {
                return false;
            }
            var isNamed =
                    delta.changedPartitions().stream()
                            .anyMatch(p -> p.topicId().equals(topic.topicId()));
            if (old.isPresent() && !old.get().equals(topic) && !isNamed) {
                return false;
            }
        }
        for (var topic : before.topics().all()) {
            if (after.topics().topic(topic.topicId()).isEmpty()
                    != delta.deletedTopics().containsKey(topic.topicId())) {
                return false;
            }
        }
        for (var broker : after.brokers().all()) {
            if (!before.brokers().broker(broker.nodeId()).equals(java.util.Optional.of(broker))
                    && !delta.changedBrokers().contains(broker.nodeId())) {
                return false;
            }
        }
        return after.configs().byScope().keySet().stream()
                .filter(scope -> !after.configs().of(scope).equals(before.configs().of(scope)))
                .allMatch(delta.changedConfigs()::contains);
    }

    private static byte[] bytes(ClusterImage image) throws IOException {
        var out = new ByteArrayOutputStream();
        ImageSnapshotCodec.write(image, out);
        return out.toByteArray();
    }
}
