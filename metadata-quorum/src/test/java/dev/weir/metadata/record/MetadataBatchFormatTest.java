// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;

import dev.weir.metadata.MalformedMetadataException;
import dev.weir.metadata.UnknownRecordException;
import dev.weir.metadata.v1.Batch;
import dev.weir.metadata.v1.Envelope;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

class MetadataBatchFormatTest {

    private static final MetadataBatch EVERYTHING = new MetadataBatch(3, 4, Samples.records());

    @Test
    void keepsTheBytesOfEveryRecordType() {
        // Given
        var lines = new ArrayList<String>();

        // When
        lines.add(hex(new ControllerActivated(300, 3)));
        Samples.records().forEach(record -> lines.add(hex(record)));

        // Then: a difference here is a format change; it needs a new version and a feature level.
        assertThat(lines).containsExactlyElementsOf(GOLDEN);
    }

    @Test
    void readsBackWhatItWrote() {
        assertThat(MetadataBatchCodec.decode(MetadataBatchCodec.encode(EVERYTHING)))
                .isEqualTo(EVERYTHING);
        var activation = MetadataBatch.activation(8, 5);
        assertThat(MetadataBatchCodec.decode(MetadataBatchCodec.encode(activation)))
                .isEqualTo(activation);
    }

    @Test
    void samplesCoverEveryRecordType() {
        // Given
        var covered = new TreeSet<String>();
        covered.add(ControllerActivated.class.getSimpleName());

        // When
        Samples.records().forEach(record -> covered.add(record.getClass().getSimpleName()));

        // Then
        assertThat(Arrays.stream(MetadataRecord.class.getPermittedSubclasses()))
                .extracting(Class::getSimpleName)
                .containsExactlyInAnyOrderElementsOf(covered);
        assertThat(RecordType.values()).hasSize(covered.size());
    }

    @Test
    void refusesAnUnknownTypeAndAnUnknownVersion() {
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(18, 0, ByteString.EMPTY)))
                .isInstanceOf(UnknownRecordException.class)
                .hasMessageContaining("type 18 version 0");
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(0, 0, ByteString.EMPTY)))
                .isInstanceOf(UnknownRecordException.class);
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(-1, 0, ByteString.EMPTY)))
                .isInstanceOf(UnknownRecordException.class);
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(4, 1, ByteString.EMPTY)))
                .isInstanceOf(UnknownRecordException.class)
                .hasMessageContaining("type 4 version 1");
    }

    @Test
    void refusesFieldsThatTheVersionDoesNotHave() {
        // Given: field 15, a varint
        var body =
                MetadataRecordCodec.encode(new TopicCreated(Samples.TOPIC, "a"))
                        .getBody()
                        .concat(ByteString.copyFrom(new byte[] {15 << 3, 1}));

        // When, Then
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(3, 0, body)))
                .isInstanceOf(MalformedMetadataException.class)
                .hasMessageContaining("unknown fields");
    }

    @Test
    void everyTornBatchFailsInATypedWayOrIsAnotherBatch() {
        // Given
        var whole = MetadataBatchCodec.encode(EVERYTHING);

        for (var length = 0; length < whole.length; length++) {
            // When
            var torn = Arrays.copyOf(whole, length);

            // Then
            try {
                assertThat(MetadataBatchCodec.decode(torn)).isNotEqualTo(EVERYTHING);
            } catch (MalformedMetadataException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void refusesMoreBytesThanABatchMayHave() {
        assertThatThrownBy(() -> MetadataBatchCodec.decode(new byte[MetadataBatch.BYTES_MAX + 1]))
                .isInstanceOf(MalformedMetadataException.class);
    }

    @Test
    void refusesBodiesThatNoRecordCanBe() {
        // Given
        var shortId =
                dev.weir.metadata.v1.TopicDeleted.newBuilder()
                        .setTopicId(ByteString.copyFrom(new byte[15]))
                        .build();
        var badName =
                dev.weir.metadata.v1.TopicCreated.newBuilder()
                        .setTopicId(ByteString.copyFrom(new byte[16]))
                        .setName("../x")
                        .build();
        var negative =
                dev.weir.metadata.v1.ProducerIdsAllocated.newBuilder()
                        .setFirstProducerId(-1)
                        .setCount(5)
                        .build();
        var noScope = dev.weir.metadata.v1.ConfigSet.newBuilder().setKey("k").build();

        // When, Then
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(4, 0, shortId.toByteString())))
                .isInstanceOf(MalformedMetadataException.class);
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(3, 0, badName.toByteString())))
                .isInstanceOf(MalformedMetadataException.class);
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(17, 0, negative.toByteString())))
                .isInstanceOf(MalformedMetadataException.class);
        assertThatThrownBy(() -> MetadataBatchCodec.decode(batchOf(8, 0, noScope.toByteString())))
                .isInstanceOf(MalformedMetadataException.class);
    }

    @Test
    void anActivationIsAloneAtSequenceZero() {
        // Given
        var activated = new ControllerActivated(1, 1);
        var other = new BrokerFenced(1, 1);

        // When, Then
        assertThatThrownBy(() -> new MetadataBatch(1, 0, List.of(other)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetadataBatch(1, 0, List.of(activated, other)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetadataBatch(1, 1, List.of(activated)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetadataBatch(2, 0, List.of(activated)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] batchOf(int type, int version, ByteString body) {
        return Batch.newBuilder()
                .setActivationId(1)
                .setSeq(1)
                .addRecords(Envelope.newBuilder().setType(type).setVersion(version).setBody(body))
                .build()
                .toByteArray();
    }

    private static String hex(MetadataRecord record) {
        return HexFormat.of().formatHex(MetadataRecordCodec.encode(record).toByteArray());
    }

    private static final List<String> GOLDEN =
            List.of(
                    "08011a0508ac021003",
                    "08021a100a0c776569722e76657273696f6e1001",
                    "08031a1a0a100000000000001111000000000000222212066f7264657273",
                    "08041a120a1000000000000011110000000000002222",
                    "08051a6e0a10000000000000111100000000000022221a04030102042240000000000000"
                        + "333300000000000044440000000000005555000000000000666600000000000033330000"
                        + "000000004444000000000000333300000000000044442a12080310071809220203012a01"
                        + "023201043801",
                    "08061a280a100000000000001111000000000000222210011a1208031007180922020301"
                            + "2a01023201043801",
                    "08071a280a10000000000000111100000000000022221002180322100000000000003333"
                            + "0000000000004444",
                    "08081a130a020801120a7365676d656e742e6d731a0135",
                    "08081a200a121a1000000000000011110000000000002222120a7365676d656e742e6d73",
                    "08091a100a021004120a7365676d656e742e6d73",
                    "080a1a720805121000000000000077770000000000008888181122130a0e636c69656e74"
                        + "2e6578616d706c6510b8492a150a10696e7465726e616c2e6578616d706c6510ba493206"
                        + "7261636b2d613a10000000000000333300000000000044443a1000000000000055550000"
                        + "00000000666640014802",
                    "080b1a0408011002",
                    "080c1a0408031004",
                    "080d1a0408051006",
                    "080e1a0408071008",
                    "080f1a140809121000000000000033330000000000004444",
                    "08101a14080a121000000000000033330000000000004444",
                    "08111a0608f85510e807");
}
