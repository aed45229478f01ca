// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.Durability;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.TopicRef;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

class BrokerNodeTest {

    @Test
    void keepsWhatItAcknowledgedThroughARestart(@TempDir Path directory) {
        try (var node = TestNode.start(directory, Map.of())) {
            var topic = TopicRef.newBuilder().setName("events").build();
            AdminServiceGrpc.newBlockingStub(node.channel())
                    .createTopic(
                            CreateTopicRequest.newBuilder()
                                    .setName("events")
                                    .setPartitions(1)
                                    .build());
            var appended =
                    ProduceServiceGrpc.newBlockingStub(node.channel())
                            .append(
                                    AppendRequest.newBuilder()
                                            .setTopic(topic)
                                            .setPartition(0)
                                            .setRecords(
                                                    RecordSet.newBuilder()
                                                            .addRecords(
                                                                    NewRecord.newBuilder()
                                                                            .setValue(
                                                                                    ByteString
                                                                                            .copyFromUtf8(
                                                                                                    "one"))))
                                            .build());
            assertThat(appended.getReceipts(0).getDurability())
                    .isEqualTo(Durability.DURABILITY_FSYNC);

            node.restart();

            var read =
                    FetchServiceGrpc.newBlockingStub(node.channel())
                            .read(
                                    ReadRequest.newBuilder()
                                            .setTopic(topic)
                                            .setStart(StartPosition.newBuilder().setEarliest(true))
                                            .build());
            assertThat(read.getRecordsList())
                    .extracting(r -> r.getValue().toStringUtf8())
                    .containsExactly("one");
            assertThat(node.halts()).isEmpty();
        }
    }
}
