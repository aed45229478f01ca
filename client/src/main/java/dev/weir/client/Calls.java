// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.DescribeTopicRequest;
import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.MetadataServiceGrpc;
import dev.weir.client.core.RetryBackoff;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.AbstractStub;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Unary calls with their retries. Blocks; any thread.
final class Calls {

    private static final long ATTEMPT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

    private final Nodes nodes;
    private final Duration timeout;

    Calls(Nodes nodes, Duration timeout) {
        this.nodes = nodes;
        this.timeout = timeout;
    }

    Nodes nodes() {
        return nodes;
    }

    Duration timeout() {
        return timeout;
    }

    /// For a change: it is sent once, so it may take all the time there is.
    <S extends AbstractStub<S>> S withDeadline(S stub) {
        return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// For a question: where another node can be asked, one that is silent does not get all the
    /// time there is.
    <S extends AbstractStub<S>> S withAttemptDeadline(S stub) {
        long ns =
                nodes.count() > 1
                        ? Math.min(timeout.toNanos(), ATTEMPT_TIMEOUT_NS)
                        : timeout.toNanos();
        return stub.withDeadlineAfter(ns, TimeUnit.NANOSECONDS);
    }

    /// Asks until there is an answer that will not change by asking again.
    <T> T ask(Function<ManagedChannel, T> question) {
        return repeat(question, true);
    }

    /// Sends a change to a node that answers, and again only when it says that nothing was changed.
    <T> T change(Function<ManagedChannel, T> change) {
        ask(
                channel ->
                        withAttemptDeadline(MetadataServiceGrpc.newBlockingStub(channel))
                                .getServerInfo(GetServerInfoRequest.getDefaultInstance()));
        return repeat(change, false);
    }

    /// Who leads a partition, by its description.
    ///
    /// @param any a node to ask
    /// @throws ClientException if there is no such partition
    /// @throws io.grpc.StatusRuntimeException `UNAVAILABLE` while nobody leads it
    String leaderAddress(ManagedChannel any, TopicPartition partition) {
        var request =
                DescribeTopicRequest.newBuilder()
                        .setTopic(Descriptions.topicRef(partition.topic()))
                        .build();
        var topic =
                withAttemptDeadline(MetadataServiceGrpc.newBlockingStub(any))
                        .describeTopic(request)
                        .getTopic();
        for (var each : topic.getPartitionsList()) {
            if (each.getPartition() == partition.partition()) {
                if (each.getLeaderAddress().isEmpty()) {
                    throw Status.UNAVAILABLE
                            .withDescription(partition + " has no leader")
                            .asRuntimeException();
                }
                return each.getLeaderAddress();
            }
        }
        throw StatusMapping.unknownPartition(
                partition.topic(), String.valueOf(partition.partition()));
    }

    private <T> T repeat(Function<ManagedChannel, T> call, boolean evenIfUnanswered) {
        var backoff = RetryBackoff.forCalls(ThreadLocalRandom.current().nextLong());
        long startNs = System.nanoTime();
        int untried = nodes.count() - 1;
        while (true) {
            var address = nodes.anyAddress();
            try {
                return call.apply(nodes.channel(address));
            } catch (io.grpc.StatusRuntimeException e) {
                var failure = StatusMapping.toException(e);
                boolean isUnanswered = failure instanceof ClientException.Unreachable;
                boolean isOfTheNode = StatusMapping.isOfTheNode(failure);
                // Another node is asked at once, the same one later.
                long delayMs = isOfTheNode && untried-- > 0 ? 0 : delayMs(failure, backoff);
                boolean canRepeat =
                        isUnanswered ? evenIfUnanswered : StatusMapping.canRetry(failure);
                long leftNs = timeout.toNanos() - (System.nanoTime() - startNs);
                if (!canRepeat || TimeUnit.MILLISECONDS.toNanos(delayMs) >= leftNs) {
                    throw failure;
                }
                if (isUnanswered) {
                    nodes.failed(address);
                } else if (isOfTheNode) {
                    nodes.next(address);
                }
                pause(delayMs);
                nodes.channel(nodes.anyAddress()).resetConnectBackoff();
            }
        }
    }

    private static long delayMs(ClientException failure, RetryBackoff backoff) {
        long delayMs = backoff.nextDelayMs();
        return failure instanceof ClientException.Refused refused
                ? refused.retryDelay().map(Duration::toMillis).orElse(delayMs)
                : delayMs;
    }

    private static void pause(long delayMs) {
        try {
            Thread.sleep(delayMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException.Unreachable("interrupted", e);
        }
    }
}
