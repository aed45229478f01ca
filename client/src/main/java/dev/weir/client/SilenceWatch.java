// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.DescribeTopicResponse;
import dev.weir.api.v1.MetadataServiceGrpc;

import io.grpc.stub.StreamObserver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/// Looks who leads the partitions that a reader hears nothing of: there may be nothing to read, or
/// their leader hangs and does not know that another one leads by now.
///
/// The reader's own, but for the answers, which come on a network thread.
final class SilenceWatch {

    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long TIMEOUT_MS = 1_000;

    private final Nodes nodes;
    private final Queue<DescribeTopicResponse> answers = new ConcurrentLinkedQueue<>();

    SilenceWatch(Nodes nodes) {
        this.nodes = nodes;
    }

    /// Asks where that is due, and takes the answers to earlier questions.
    ///
    /// @return what is better read from another node
    List<ReadAssignment> look(Collection<ReadAssignment> assignments, long nowNs) {
        var moved = new ArrayList<ReadAssignment>();
        for (var answer = answers.poll(); answer != null; answer = answers.poll()) {
            compare(answer, assignments, moved);
        }
        var asked = new HashSet<String>();
        for (var assignment : assignments) {
            if (assignment.call != null && nowNs - assignment.heardAtNs > SILENCE_NS) {
                assignment.heardAtNs = nowNs;
                if (asked.add(assignment.partition.topic())) {
                    ask(assignment.partition.topic());
                }
            }
        }
        return moved;
    }

    private void compare(
            DescribeTopicResponse answer,
            Collection<ReadAssignment> assignments,
            List<ReadAssignment> moved) {
        for (var assignment : assignments) {
            var call = assignment.call;
            if (call == null || !assignment.partition.topic().equals(answer.getTopic().getName())) {
                continue;
            }
            for (var partition : answer.getTopic().getPartitionsList()) {
                if (partition.getPartition() == assignment.partition.partition()
                        && partition.getLeaderEpoch() > assignment.cursor.leaderEpoch()
                        && !partition.getLeaderAddress().isEmpty()
                        && !nodes.route(partition.getLeaderAddress()).equals(call.node())) {
                    moved.add(assignment);
                }
            }
        }
    }

    private void ask(String topic) {
        var address = nodes.anyAddress();
        var request =
                DescribeTopicRequest.newBuilder().setTopic(Descriptions.topicRef(topic)).build();
        MetadataServiceGrpc.newStub(nodes.channel(address))
                .withDeadlineAfter(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .describeTopic(
                        request,
                        new StreamObserver<>() {
                            @Override
                            public void onNext(DescribeTopicResponse response) {
                                answers.add(response);
                            }

                            @Override
                            public void onError(Throwable t) {
                                if (StatusMapping.toException(t)
                                        instanceof ClientException.Unreachable) {
                                    nodes.failed(address);
                                }
                            }

                            @Override
                            public void onCompleted() {
                                // The answer came before.
                            }
                        });
    }
}
