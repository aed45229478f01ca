// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.Durability;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.storage.ReplicaChange;
import dev.weir.log.PartitionId;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;
import dev.weir.metadata.record.TopicDeleted;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;

class ReplicaFollowerTest {

    private static final UUID TOPIC = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);
    private static final int NODE = 1;
    private static final long REGISTRATION = 10;

    private final List<List<ReplicaChange>> applied = new ArrayList<>();
    private final List<Long> followed = new ArrayList<>();
    private final ReplicaFollower follower =
            new ReplicaFollower(
                    NODE,
                    Map.of(),
                    new Recorder(),
                    REGISTRATION,
                    image -> followed.add(image.offset()));

    @Test
    void opensItsOwnPartitionsAndNobodyElses() {
        follower.follow(image(10, topic(TOPIC, NODE), topic(OTHER, 2)));

        assertThat(applied).hasSize(1);
        var change = (ReplicaChange.Assigned) applied.getFirst().getFirst();
        assertThat(applied.getFirst()).hasSize(1);
        assertThat(change.id()).isEqualTo(new PartitionId(TOPIC, 0));
        assertThat(change.assignment().leaderId()).isEqualTo(NODE);
        assertThat(change.config().durability()).isEqualTo(Durability.FSYNC);
        assertThat(followed).containsExactly(10L);
    }

    @Test
    void actsOnNoImageOlderThanItsRegistration() {
        follower.follow(image(9, topic(TOPIC, NODE)));

        assertThat(applied).isEmpty();
        assertThat(followed).isEmpty();
    }

    @Test
    void removesWhatIsDeleted() {
        var before = image(10, topic(TOPIC, NODE), topic(OTHER, NODE));
        follower.follow(before);

        follower.follow(at(11, before.with(List.of(new TopicDeleted(TOPIC)))));

        assertThat(applied.getLast())
                .containsExactly(new ReplicaChange.Removed(new PartitionId(TOPIC, 0)));
    }

    @Test
    void passesAChangedSettingToTheTopicThatHasIt() {
        var before = image(10, topic(TOPIC, NODE), topic(OTHER, NODE));
        follower.follow(before);
        var scope = new ConfigScope.Topic(OTHER);

        follower.follow(
                at(11, before.with(List.of(new ConfigSet(scope, "durability", "replicated")))));

        assertThat(applied.getLast()).hasSize(1);
        var change = (ReplicaChange.Assigned) applied.getLast().getFirst();
        assertThat(change.id().topicId()).isEqualTo(OTHER);
        assertThat(change.config().durability()).isEqualTo(Durability.REPLICATED);
    }

    @Test
    void passesASettingOfTheClusterToEveryTopic() {
        var before = image(10, topic(TOPIC, NODE), topic(OTHER, NODE));
        follower.follow(before);
        var set = new ConfigSet(new ConfigScope.Cluster(), "segment.bytes", "1048576");

        follower.follow(at(11, before.with(List.of(set))));

        assertThat(applied.getLast())
                .hasSize(2)
                .allSatisfy(
                        change ->
                                assertThat(
                                                ((ReplicaChange.Assigned) change)
                                                        .logConfig()
                                                        .segmentBytes())
                                        .isEqualTo(1 << 20));
    }

    @Test
    void doesNothingWhereNothingChanged() {
        var before = image(10, topic(TOPIC, NODE));
        follower.follow(before);

        follower.follow(at(11, before));

        assertThat(applied).hasSize(1);
        assertThat(followed).containsExactly(10L, 11L);
    }

    @Test
    void tellsAReplicaOfAnotherProcessOfAFellowReplica() {
        var before = image(10, List.of(registered(1, 1), registered(2, 2)), topic(TOPIC, NODE, 2));
        follower.follow(before);

        follower.follow(at(11, before.with(List.of(registered(2, 3)))));

        assertThat(applied.getLast()).hasSize(1);
        var change = (ReplicaChange.Assigned) applied.getLast().getFirst();
        assertThat(change.assignment().replica(2).orElseThrow().incarnation())
                .isEqualTo(new UUID(5, 3));
    }

    @Test
    void tellsAReplicaThatAFellowReplicaMayJoinNow() {
        var before = image(10, List.of(registered(1, 1), registered(2, 2)), topic(TOPIC, NODE, 2));
        follower.follow(before);
        var first = (ReplicaChange.Assigned) applied.getLast().getFirst();

        follower.follow(at(11, before.with(List.of(new BrokerUnfenced(2, 2)))));

        var second = (ReplicaChange.Assigned) applied.getLast().getFirst();
        assertThat(first.assignment().replica(2).orElseThrow().eligible()).isFalse();
        assertThat(second.assignment().replica(2).orElseThrow().eligible()).isTrue();
    }

    @Test
    void aReplicaWhoseDirectoryFailedMayNotJoinThoughItsNodeIsLive() {
        var before = image(10, List.of(registered(1, 1), registered(2, 2)), topic(TOPIC, NODE, 2));
        var live = before.with(List.of(new BrokerUnfenced(2, 2)));
        follower.follow(at(10, live));
        var first = (ReplicaChange.Assigned) applied.getLast().getFirst();

        follower.follow(at(11, live.with(List.of(new DirectoryFailed(2, new UUID(9, 2))))));

        var second = (ReplicaChange.Assigned) applied.getLast().getFirst();
        assertThat(first.assignment().replica(2).orElseThrow().eligible()).isTrue();
        assertThat(second.assignment().replica(2).orElseThrow().eligible()).isFalse();
    }

    @Test
    void leavesAReplicaAloneWhenANodeWithoutACopyChanges() {
        var before = image(10, List.of(registered(1, 1), registered(3, 2)), topic(TOPIC, NODE, 2));
        follower.follow(before);

        follower.follow(at(11, before.with(List.of(registered(3, 3)))));

        assertThat(applied).hasSize(1);
    }

    @SafeVarargs
    private static ClusterImage image(long offset, List<MetadataRecord>... topics) {
        var records = new ArrayList<MetadataRecord>();
        for (var topic : topics) {
            records.addAll(topic);
        }
        return at(offset, ClusterImage.EMPTY.with(records));
    }

    private static List<MetadataRecord> topic(UUID id, Integer... nodes) {
        var state =
                new PartitionState(
                        List.of(nodes),
                        Stream.of(nodes).map(node -> new UUID(9, node)).toList(),
                        List.of(nodes[0]),
                        List.of(),
                        List.of(),
                        OptionalInt.of(nodes[0]),
                        0,
                        0,
                        false);
        return List.of(new TopicCreated(id, "topic-" + id), new PartitionCreated(id, 0, state));
    }

    private static MetadataRecord registered(int node, long number) {
        var endpoint = new Endpoint("localhost", 9000 + node);
        return new BrokerRegistered(
                new BrokerRegistration(
                        node,
                        new UUID(5, number),
                        number,
                        endpoint,
                        endpoint,
                        Optional.empty(),
                        List.of(new UUID(9, node)),
                        1,
                        1));
    }

    private static ClusterImage at(long offset, ClusterImage image) {
        return new ClusterImage(
                offset,
                image.activation(),
                image.features(),
                image.topics(),
                image.brokers(),
                image.configs(),
                image.nextProducerId());
    }

    private final class Recorder implements PartitionRegistry {

        @Override
        public Optional<Partition> find(PartitionId id) {
            return Optional.empty();
        }

        @Override
        public Collection<Partition> all() {
            return List.of();
        }

        @Override
        public void apply(long metadataOffset, List<ReplicaChange> changes) {
            applied.add(changes);
        }
    }
}
