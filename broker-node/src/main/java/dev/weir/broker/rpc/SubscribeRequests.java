// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Subscribe;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.log.PartitionId;

import java.util.OptionalInt;

/// Reads what a reader asks to subscribe to. Stateless.
final class SubscribeRequests {

    private SubscribeRequests() {}

    /// No log has an offset below 0, whoever leads.
    private static void checkStart(FetchSubscription subscription) {
        boolean isQuestion = Positions.question("start", subscription.start()).isPresent();
        if (!isQuestion && subscription.start().getOffset() < 0) {
            throw new ApiException(
                    subscription.errors().outOfRange(subscription.start().getOffset(), 0, 0));
        }
    }

    /// A subscription as it is asked for.
    ///
    /// @param count of those that the stream has
    /// @throws ApiException what is wrong with the request, whoever leads
    static FetchSubscription open(
            Subscribe request, FetchContext context, Principal principal, int count) {
        if (count >= context.limits().subscriptionsMax()) {
            throw new ApiException(tooMany(context.limits().subscriptionsMax()));
        }
        if (request.getMaxBytes() < 0) {
            throw new ApiException(
                    ApiError.badField(
                            "max_bytes", "must be 0 or more, not " + request.getMaxBytes()));
        }
        var topic = context.router().topic(request.getTopic(), principal, Operation.READ);
        int partition = PartitionRouter.partition(topic, request.getPartition());
        var epoch =
                request.hasLeaderEpoch()
                        ? OptionalInt.of(request.getLeaderEpoch())
                        : OptionalInt.empty();
        int most = context.limits().batchBytesMax();
        int bytesMax = request.getMaxBytes() == 0 ? most : Math.min(most, request.getMaxBytes());
        var place =
                new FetchSubscription.Place(
                        topic.name(), new PartitionId(topic.topicId(), partition));
        var subscription =
                new FetchSubscription(
                        request.getSubscriptionId(), place, request.getStart(), epoch, bytesMax);
        checkStart(subscription);
        return subscription;
    }

    private static ApiError tooMany(int limit) {
        return ApiError.of(
                        ErrorReason.SUBSCRIPTION_LIMIT,
                        "a stream has at most " + limit + " subscriptions; open another stream")
                .with("limit", limit)
                .violating("stream.subscriptions.max", "at most " + limit + " subscriptions");
    }
}
