// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import com.google.common.util.concurrent.ListenableFuture;

import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.ListOffsetsRequest;
import dev.weir.api.v1.ListOffsetsResponse;
import dev.weir.api.v1.PartitionDescription;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.TopicDescription;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Completes a node's description of a topic by what the leaders of its partitions say: a node
/// knows the ends of what it leads itself. Blocks; any thread.
final class LeaderOffsets {

    /// How long leaders are waited for, all together.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Questions that are asked at most: each is a call of its own.
    private static final int QUESTIONS_MAX = 200;

    private final Nodes nodes;

    LeaderOffsets(Nodes nodes) {
        this.nodes = nodes;
    }

    /// The same with the offsets of every partition whose leader answers in time.
    TopicDescription addTo(TopicDescription topic) {
        var answers = new LinkedHashMap<Integer, ListenableFuture<ListOffsetsResponse>>();
        for (int at = 0; at < topic.getPartitionsCount(); at++) {
            var partition = topic.getPartitions(at);
            boolean isMissing = partition.hasLeader() && !partition.hasHighWatermark();
            if (isMissing && answers.size() < QUESTIONS_MAX) {
                answers.put(at, ask(topic, partition));
            }
        }
        return answers.isEmpty() ? topic : merged(topic, answers);
    }

    private ListenableFuture<ListOffsetsResponse> ask(
            TopicDescription topic, PartitionDescription partition) {
        var request =
                ListOffsetsRequest.newBuilder()
                        .setTopic(Descriptions.topicRef(topic.getName()))
                        .setPartition(partition.getPartition())
                        .setPosition(StartPosition.newBuilder().setLatest(true))
                        .build();
        var address = nodes.route(partition.getLeaderAddress());
        return FetchServiceGrpc.newFutureStub(nodes.channel(address))
                .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .listOffsets(request);
    }

    private static TopicDescription merged(
            TopicDescription topic, Map<Integer, ListenableFuture<ListOffsetsResponse>> answers) {
        var merged = topic.toBuilder();
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        answers.forEach(
                (at, answer) -> {
                    try {
                        var offsets =
                                answer.get(
                                        Math.max(0, deadlineNs - System.nanoTime()),
                                        TimeUnit.NANOSECONDS);
                        merged.getPartitionsBuilder(at)
                                .setLogStartOffset(offsets.getLogStartOffset())
                                .setHighWatermark(offsets.getHighWatermark());
                    } catch (ExecutionException | TimeoutException e) {
                        // Left out: the leader did not answer.
                        answer.cancel(false);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        return merged.build();
    }
}
