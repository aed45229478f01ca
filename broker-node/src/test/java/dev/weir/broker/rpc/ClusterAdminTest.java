// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.api.v1.AddVoterRequest;
import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.DescribeQuorumRequest;
import dev.weir.api.v1.ElectLeadersRequest;
import dev.weir.api.v1.ElectionType;
import dev.weir.api.v1.RemoveBrokerRequest;
import dev.weir.api.v1.RemoveVoterRequest;
import dev.weir.broker.TestNode;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/// Voters and brokers are changed over a node that is all there is.
class ClusterAdminTest {

    @TempDir private static Path directory;
    private static TestNode node;
    private static ApiClient client;

    @BeforeAll
    static void startsANode() {
        node = TestNode.start(directory, Map.of());
        client = new ApiClient(node.channel());
    }

    @AfterAll
    static void stopsIt() {
        node.close();
    }

    @Test
    void refusesVotersThatAreNotThere() {
        var request = removal(UUID.randomUUID().toString());

        assertThat(reason(() -> client.admin().removeVoter(request)))
                .isEqualTo(ErrorReason.UNKNOWN_VOTER);
    }

    @Test
    void refusesASecondDirectoryOfAVoter() {
        assertThat(reason(() -> client.admin().addVoter(addition(1))))
                .isEqualTo(ErrorReason.VOTER_EXISTS);
    }

    @Test
    void refusesToRemoveTheLastVoter() {
        var voters =
                client.metadata()
                        .describeQuorum(DescribeQuorumRequest.getDefaultInstance())
                        .getVotersList();
        var directoryId = voters.getFirst().getPeerId().substring("1-".length());

        assertThat(reason(() -> client.admin().removeVoter(removal(directoryId))))
                .isEqualTo(ErrorReason.QUORUM_AT_RISK);
    }

    @Test
    void refusesAVoterThatDoesNotAnswerAndASecondChangeMeanwhile() {
        var first = AdminServiceGrpc.newFutureStub(node.channel()).addVoter(addition(2));
        var second =
                catchThrowableOfType(
                        ExecutionException.class,
                        () ->
                                AdminServiceGrpc.newFutureStub(node.channel())
                                        .addVoter(addition(3))
                                        .get());
        var refused = catchThrowableOfType(ExecutionException.class, first::get);

        assertThat(ApiClient.refusal(second.getCause()).reason())
                .isEqualTo(ErrorReason.VOTER_CHANGE_IN_PROGRESS);
        assertThat(ApiClient.refusal(refused.getCause()).reason())
                .isEqualTo(ErrorReason.VOTER_NOT_READY);
    }

    @Test
    void refusesToForgetABrokerThatLives() {
        assertThat(reason(() -> client.admin().removeBroker(broker(1))))
                .isEqualTo(ErrorReason.BROKER_IN_USE);
        assertThat(reason(() -> client.admin().removeBroker(broker(7))))
                .isEqualTo(ErrorReason.UNKNOWN_BROKER);
    }

    @Test
    void electsNobodyWhereTheRightOnesLead() {
        client.createTopic("elected", 3);
        var request =
                ElectLeadersRequest.newBuilder()
                        .setType(ElectionType.ELECTION_TYPE_PREFERRED)
                        .build();

        assertThat(client.admin().electLeaders(request).getElectedList()).isEmpty();
    }

    @Test
    void refusesFieldsThatSayNothing() {
        var noHost = addition(2).toBuilder().clearHost().build();
        var noPort = addition(2).toBuilder().setPort(70_000).build();
        var noNode = addition(2).toBuilder().clearNodeId().build();
        var noType = ElectLeadersRequest.getDefaultInstance();

        assertThat(reason(() -> client.admin().addVoter(noHost))).isEqualTo(invalid());
        assertThat(reason(() -> client.admin().addVoter(noPort))).isEqualTo(invalid());
        assertThat(reason(() -> client.admin().addVoter(noNode))).isEqualTo(invalid());
        assertThat(reason(() -> client.admin().removeVoter(removal("x")))).isEqualTo(invalid());
        assertThat(reason(() -> client.admin().electLeaders(noType))).isEqualTo(invalid());
    }

    private static ErrorReason invalid() {
        return ErrorReason.INVALID_REQUEST;
    }

    private static AddVoterRequest addition(int nodeId) {
        return AddVoterRequest.newBuilder()
                .setNodeId(nodeId)
                .setDirectoryId(UUID.randomUUID().toString())
                .setHost("127.0.0.1")
                .setPort(TestNode.freePort())
                .build();
    }

    private static RemoveVoterRequest removal(String directoryId) {
        return RemoveVoterRequest.newBuilder().setNodeId(1).setDirectoryId(directoryId).build();
    }

    private static RemoveBrokerRequest broker(int nodeId) {
        return RemoveBrokerRequest.newBuilder().setNodeId(nodeId).build();
    }

    private static ErrorReason reason(ThrowingCallable call) {
        return ApiClient.refusal(call).reason();
    }
}
