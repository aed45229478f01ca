// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.P0;
import static dev.weir.metadata.controller.core.Brokers.TOPIC;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.TopicDeleted;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;

class LogEndsTest {

    private final LogEnds ends = new LogEnds();

    /// Waits for nodes 1 and 2.
    private final ClusterImage waiting =
            withPartition(
                    Brokers.live(2),
                    partition(2, List.of(), List.of(), List.of(1, 2), OptionalInt.empty()));

    LogEndsTest() {
        ends.put(P0, 2, incarnation(2), new LogEnd(3, 10));
    }

    private boolean isKeptAfter(MetadataRecord record) {
        var active = applied(waiting, MetadataBatch.activation(1, 1), 1).image();
        var next = applied(active, new MetadataBatch(1, 1, List.of(record)), 2);
        ends.applied(next.image(), next.delta());
        return ends.of(P0, 2, incarnation(2)).isPresent();
    }

    private static ApplyResult.Applied applied(ClusterImage image, MetadataBatch batch, long at) {
        return (ApplyResult.Applied) image.apply(batch, 1, at);
    }

    @Test
    void areKeptWhileAMemberIsWaitedFor() {
        var state = Brokers.p0(waiting);
        var next = Membership.asOneChangeOf(state, Membership.without(state, 1));

        assertThat(isKeptAfter(PartitionChanged.to(TOPIC, 0, next))).isTrue();
    }

    @Test
    void areForgottenWhenNobodyIsWaitedForAnyMore() {
        var state = Brokers.p0(waiting);
        var next = Membership.asOneChangeOf(state, Membership.ledByLongest(state, 2));

        assertThat(isKeptAfter(PartitionChanged.to(TOPIC, 0, next))).isFalse();
    }

    @Test
    void areForgottenWithTheTopic() {
        assertThat(isKeptAfter(new TopicDeleted(TOPIC))).isFalse();
    }
}
