// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.CreateTopicResponse;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.GetMetadataRequest;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.TopicRef;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class OutsideBrokerTest {

    private static final int OUTSIDE = 4;

    @TempDir private Path directory;

    @Test
    void aBrokerOutsideOfTheQuorumServesAndGoesOnWithAnotherVoterWhenOneStops() {
        try (var cluster = ThreeNodes.start(directory, Map.of())) {
            cluster.startOutside(OUTSIDE, directory);

            // Its admin calls reach the controller, and it carries replicas.
            var first = create(cluster, "before");
            assertThat(first.getTopic().getPartitions(0).getIsrList())
                    .containsExactlyInAnyOrder(1, 2, 3, OUTSIDE);
            append(cluster, "before");

            // The past is a voter's.
            var metadata = MetadataServiceGrpc.newBlockingStub(cluster.channel(OUTSIDE));
            var past =
                    metadata.getMetadata(
                            GetMetadataRequest.newBuilder()
                                    .setAtOffset(first.getMetadataOffset() - 1)
                                    .build());
            assertThat(past.getImage().getTopicsList()).isEmpty();
            assertThat(
                            metadata.describeQuorum(DescribeQuorumRequest.getDefaultInstance())
                                    .getVotersList())
                    .hasSize(3);

            // It began with the first voter; with that one gone it goes on with the next.
            cluster.stop(1);
            var second = create(cluster, "after");
            assertThat(second.getMetadataOffset()).isGreaterThan(first.getMetadataOffset());
            append(cluster, "after");
            assertThat(cluster.halts()).isEmpty();
        }
    }

    private static CreateTopicResponse create(ThreeNodes cluster, String name) {
        int replicas = name.equals("before") ? 4 : 3;
        return AdminServiceGrpc.newBlockingStub(cluster.channel(OUTSIDE))
                .createTopic(
                        CreateTopicRequest.newBuilder()
                                .setName(name)
                                .setPartitions(1)
                                .setReplicationFactor(replicas)
                                .build());
    }

    private static void append(ThreeNodes cluster, String topic) {
        var record = NewRecord.newBuilder().setValue(ByteString.copyFromUtf8("v"));
        var appended =
                ProduceServiceGrpc.newBlockingStub(cluster.channel(OUTSIDE))
                        .append(
                                AppendRequest.newBuilder()
                                        .setTopic(TopicRef.newBuilder().setName(topic))
                                        .setPartition(0)
                                        .setRecords(RecordSet.newBuilder().addRecords(record))
                                        .build());
        assertThat(appended.getReceipts(0).getDurableReplicasList()).hasSizeGreaterThan(2);
    }
}
