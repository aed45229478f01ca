// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.image.ApplyResult.SkipReason;
import dev.weir.metadata.image.ApplyResult.Skipped;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRemoved;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.ProducerIdsAllocated;
import dev.weir.metadata.record.Samples;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicDeleted;
import dev.weir.metadata.record.TopicPartition;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.UUID;

class ClusterImageTest {

    private static final MetadataRecord SOMETHING = new FeatureLevelSet("f", 1);

    @Test
    void anActivationAppliesInItsOwnTermWithAHigherId() {
        // Given
        var image = applied(ClusterImage.EMPTY, MetadataBatch.activation(3, 1), 3, 5);

        // When, Then
        assertThat(image.activation()).isEqualTo(new Activation(3, 1, 0));
        assertThat(image.offset()).isEqualTo(5);
        assertThat(skipped(image, MetadataBatch.activation(3, 2), 4))
                .isEqualTo(SkipReason.ACTIVATION_OF_ANOTHER_TERM);
        assertThat(skipped(image, MetadataBatch.activation(4, 2), 3))
                .isEqualTo(SkipReason.ACTIVATION_OF_ANOTHER_TERM);
        assertThat(skipped(image, MetadataBatch.activation(4, 1), 4))
                .isEqualTo(SkipReason.ACTIVATION_NOT_NEWER);
        assertThat(applied(image, MetadataBatch.activation(3, 2), 3, 6).activation())
                .isEqualTo(new Activation(3, 2, 0));
    }

    @Test
    void aBatchAppliesOnlyInItsActivationItsTermAndItsTurn() {
        // Given
        var image = applied(ClusterImage.EMPTY, MetadataBatch.activation(3, 2), 3, 5);

        // When, Then
        assertThat(skipped(image, batch(1, 1), 3)).isEqualTo(SkipReason.OTHER_ACTIVATION);
        assertThat(skipped(image, batch(3, 1), 3)).isEqualTo(SkipReason.OTHER_ACTIVATION);
        assertThat(skipped(image, batch(2, 1), 4)).isEqualTo(SkipReason.BATCH_OF_ANOTHER_TERM);
        assertThat(skipped(image, batch(2, 2), 3)).isEqualTo(SkipReason.SEQUENCE_GAP);
        var next = applied(image, batch(2, 1), 3, 6);
        assertThat(next.activation()).isEqualTo(new Activation(3, 2, 1));
        assertThat(skipped(next, batch(2, 1), 3)).isEqualTo(SkipReason.SEQUENCE_GAP);
    }

    @Test
    void anEntryAtOrBelowTheOffsetIsABrokenInvariant() {
        var image = applied(ClusterImage.EMPTY, MetadataBatch.activation(3, 2), 3, 5);

        assertThatThrownBy(() -> image.apply(batch(2, 1), 3, 5))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void recordsThatContradictTheImageAreBrokenInvariants() {
        // Given
        var topic = new TopicCreated(Samples.TOPIC, "orders");
        var image =
                ClusterImage.EMPTY.with(
                        List.of(
                                topic,
                                new PartitionCreated(Samples.TOPIC, 0, Samples.partition()),
                                new BrokerRegistered(Samples.registration()),
                                new ProducerIdsAllocated(0, 10)));
        var stale = PartitionChanged.to(Samples.TOPIC, 0, Samples.partition());

        // When, Then
        assertContradicts(image, topic);
        assertContradicts(image, new TopicCreated(new UUID(9, 9), "orders"));
        assertContradicts(image, new TopicDeleted(new UUID(9, 9)));
        assertContradicts(image, new PartitionCreated(Samples.TOPIC, 2, Samples.partition()));
        assertContradicts(image, stale);
        assertContradicts(image, new BrokerRegistered(Samples.registration()));
        assertContradicts(image, new BrokerFenced(5, 16));
        assertContradicts(image, new BrokerFenced(6, 17));
        assertContradicts(image, new ProducerIdsAllocated(9, 10));
        assertContradicts(
                image, new ConfigSet(new ConfigScope.Topic(new UUID(9, 9)), "segment.ms", "1"));
    }

    @Test
    void aDeletedTopicTakesItsPartitionsAndConfigurationAlong() {
        // Given
        var scope = new ConfigScope.Topic(Samples.TOPIC);
        var image =
                ClusterImage.EMPTY.with(
                        List.of(
                                new TopicCreated(Samples.TOPIC, "orders"),
                                new PartitionCreated(Samples.TOPIC, 0, Samples.partition()),
                                new ConfigSet(scope, "segment.ms", "1")));

        // When
        var after = image.with(List.of(new TopicDeleted(Samples.TOPIC)));

        // Then
        assertThat(after).isEqualTo(ClusterImage.EMPTY);
    }

    @Test
    void aDeltaTellsWhatChanged() {
        // Given
        var image = applied(ClusterImage.EMPTY, MetadataBatch.activation(1, 1), 1, 1);
        var scope = new ConfigScope.Topic(Samples.TOPIC);

        // When
        var created =
                delta(
                        image,
                        new TopicCreated(Samples.TOPIC, "orders"),
                        new PartitionCreated(Samples.TOPIC, 0, Samples.partition()),
                        new ConfigSet(scope, "segment.ms", "1"),
                        new BrokerRegistered(Samples.registration()),
                        SOMETHING);

        // Then
        assertThat(created.createdTopics()).containsExactly(Samples.TOPIC);
        assertThat(created.changedPartitions())
                .containsExactly(new TopicPartition(Samples.TOPIC, 0));
        assertThat(created.changedConfigs()).containsExactly(scope);
        assertThat(created.changedBrokers()).containsExactly(5);
        assertThat(created.featuresChanged()).isTrue();
        assertThat(created.offset()).isEqualTo(2);
    }

    @Test
    void aDeltaOfADeletionNamesTheTopicAndNothingInIt() {
        // Given
        var image =
                applied(ClusterImage.EMPTY, MetadataBatch.activation(1, 1), 1, 1)
                        .with(
                                List.of(
                                        new TopicCreated(Samples.TOPIC, "orders"),
                                        new PartitionCreated(
                                                Samples.TOPIC, 0, Samples.partition())));

        // When
        var deleted =
                delta(
                        image,
                        new ConfigSet(new ConfigScope.Topic(Samples.TOPIC), "segment.ms", "1"),
                        new TopicDeleted(Samples.TOPIC));

        // Then
        assertThat(deleted.deletedTopics()).containsEntry(Samples.TOPIC, "orders");
        assertThat(deleted.changedPartitions()).isEmpty();
        assertThat(deleted.changedConfigs()).isEmpty();
        assertThat(deleted.featuresChanged()).isFalse();
    }

    @Test
    void registrationNumbersAreNotUsedAgainAfterARemoval() {
        // Given
        var image =
                ClusterImage.EMPTY.with(
                        List.of(
                                new BrokerRegistered(Samples.registration()),
                                new BrokerRemoved(5, 17)));

        // When, Then
        assertThat(image.brokers().all()).isEmpty();
        assertThat(image.brokers().lastRegistrationNumber()).isEqualTo(17);
        assertContradicts(image, new BrokerRegistered(Samples.registration()));
    }

    private static MetadataBatch batch(long activationId, long seq) {
        return new MetadataBatch(activationId, seq, List.of(SOMETHING));
    }

    private static ImageDelta delta(ClusterImage image, MetadataRecord... records) {
        var batch = new MetadataBatch(1, 1, List.of(records));
        return ((Applied) image.apply(batch, 1, 2)).delta();
    }

    private static ClusterImage applied(
            ClusterImage image, MetadataBatch batch, long term, long index) {
        return ((Applied) image.apply(batch, term, index)).image();
    }

    private static SkipReason skipped(ClusterImage image, MetadataBatch batch, long term) {
        return ((Skipped) image.apply(batch, term, image.offset() + 1)).reason();
    }

    private static void assertContradicts(ClusterImage image, MetadataRecord record) {
        assertThatThrownBy(() -> image.with(List.of(record)))
                .as(record.toString())
                .isInstanceOf(IllegalStateException.class);
    }
}
