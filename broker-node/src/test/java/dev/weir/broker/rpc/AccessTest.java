// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.api.v1.TopicRef;
import dev.weir.broker.rpc.Authorizer.Action;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.rpc.Authorizer.Resource;
import dev.weir.broker.storage.NoPartitions;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.TopicCreated;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

class AccessTest {

    private final List<Action> asked = new ArrayList<>();
    private final Access access =
            new Access(
                    (_, action) -> {
                        asked.add(action);
                        return false;
                    });

    @Test
    void deniesATopicAlikeWhetherOrNotItExists() {
        var router = new PartitionRouter(1, () -> ClusterImage.EMPTY, new NoPartitions(), access);
        var ref = TopicRef.newBuilder().setName("secret").build();

        var refused =
                catchThrowableOfType(
                        ApiException.class,
                        () -> router.topic(ref, Principal.ANONYMOUS, Operation.WRITE));

        assertThat(refused.error().reason()).isEqualTo(ErrorReason.ACL_DENIED);
        assertThat(asked)
                .containsExactly(new Action(Operation.WRITE, new Resource.Topic("secret")));
    }

    @Test
    void deniesAnIdAlikeWhetherOrNotItExists() {
        var existing = new UUID(1, 2);
        var unknown = new UUID(3, 4);
        var image = ClusterImage.EMPTY.with(List.of(new TopicCreated(existing, "secret")));

        var denied = refused(image, existing);

        assertThat(asked).hasSize(1);
        assertThat(denied.reason()).isEqualTo(ErrorReason.UNKNOWN_TOPIC_ID);
        assertThat(denied.message().replace(existing.toString(), unknown.toString()))
                .isEqualTo(refused(image, unknown).message())
                .doesNotContain("secret");
    }

    private ApiError refused(ClusterImage image, UUID id) {
        var ref = TopicRef.newBuilder().setId(TopicRefs.bytes(id)).build();
        return catchThrowableOfType(
                        ApiException.class,
                        () -> access.topic(image, ref, Principal.ANONYMOUS, Operation.READ))
                .error();
    }

    @Test
    void deniesTheCluster() {
        var refused =
                catchThrowableOfType(
                        ApiException.class,
                        () -> access.requireCluster(Principal.ANONYMOUS, Operation.DESCRIBE));

        assertThat(refused.error().reason()).isEqualTo(ErrorReason.ACL_DENIED);
    }
}
