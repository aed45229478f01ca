// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.DescribeClusterRequest;
import dev.weir.api.v1.MetadataServiceGrpc;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class ThreeNodesTest {

    @TempDir private Path directory;

    @Test
    void threeNodesFormAClusterAndAnyOfThemCreatesATopic() {
        try (var cluster = ThreeNodes.start(directory, Map.of())) {
            for (int id = 1; id <= 3; id++) {
                var admin = AdminServiceGrpc.newBlockingStub(cluster.channel(id));

                var created =
                        admin.createTopic(
                                CreateTopicRequest.newBuilder()
                                        .setName("topic-" + id)
                                        .setPartitions(3)
                                        .setReplicationFactor(3)
                                        .build());

                assertThat(created.getTopic().getPartitionsList())
                        .allSatisfy(p -> assertThat(p.getIsrList()).hasSize(3))
                        .hasSize(3);
                var described =
                        MetadataServiceGrpc.newBlockingStub(cluster.channel(id))
                                .describeCluster(DescribeClusterRequest.getDefaultInstance());
                assertThat(described.getBrokersList()).hasSize(3);
            }
            assertThat(cluster.halts()).isEmpty();
        }
    }
}
