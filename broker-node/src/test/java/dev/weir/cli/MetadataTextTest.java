// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import dev.weir.api.v1.BrokerDescription;
import dev.weir.api.v1.MetadataChange;
import dev.weir.api.v1.MetadataImage;
import dev.weir.api.v1.PartitionChange;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.ScopedConfig;
import dev.weir.api.v1.TopicImage;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;

class MetadataTextTest {

    private static final ByteString ID =
            ByteString.copyFrom(HexFormat.of().parseHex("00000000000000030000000000000004"));

    private static final TopicImage TOPIC =
            TopicImage.newBuilder()
                    .setName("orders")
                    .setId(ID)
                    .addPartitions(PartitionDescription.newBuilder().setLeader(1).addReplicas(1))
                    .build();

    private static String change(MetadataChange.Builder change) {
        return MetadataText.change(change.build());
    }

    private static MetadataChange.Builder any() {
        return MetadataChange.newBuilder();
    }

    @Test
    void namesWhatHappened() {
        assertThat(change(any().setTopicCreated(TOPIC)))
                .isEqualTo("topic orders created, 1 partition");
        assertThat(
                        change(
                                any().setPartitionChanged(
                                                PartitionChange.newBuilder()
                                                        .setTopic("orders")
                                                        .setPartition(
                                                                PartitionDescription.newBuilder()
                                                                        .setPartition(2)))))
                .isEqualTo(
                        "topic orders, partition 2: leader none, epoch 0, replicas [], in sync []");
        assertThat(change(any().setBrokerChanged(BrokerDescription.newBuilder().setFenced(true))))
                .endsWith("fenced");
        var config = ScopedConfig.newBuilder().setScope("topic/orders").setName("retention.ms");
        assertThat(change(any().setConfigChanged(config)))
                .isEqualTo("topic/orders: retention.ms back to its default");
        assertThat(change(any().setConfigChanged(config.setValue("5"))))
                .isEqualTo("topic/orders: retention.ms=5");
    }

    @Test
    void everyKindOfChangeHasALineOfItsOwn() {
        for (var field : MetadataChange.getDescriptor().getFields()) {
            var one = any();
            one.setField(
                    field,
                    switch (field.getJavaType()) {
                        case MESSAGE -> one.newBuilderForField(field).build();
                        case INT -> 7;
                        case LONG -> 7L;
                        default -> throw new AssertionError(field);
                    });

            assertThat(change(one)).as(field.getName()).isNotBlank().doesNotContain("not know");
        }
    }

    @Test
    void jsonHasNumbersIdsAsTextAndNoHoles() {
        var image = MetadataImage.newBuilder().setNextProducerId(1L << 40).addTopics(TOPIC).build();

        assertThat(ProtoJson.of(image).toString())
                .contains(
                        "\"nextProducerId\":1099511627776",
                        "\"id\":\"00000000000000030000000000000004\"",
                        "\"partition\":0,\"leader\":1",
                        "\"highWatermark\":null",
                        "\"brokers\":[]",
                        "\"activation\":null");
        assertThat(ProtoJson.of(any().setBrokerRemoved(3).build()))
                .hasToString("{\"brokerRemoved\":3}");
    }
}
