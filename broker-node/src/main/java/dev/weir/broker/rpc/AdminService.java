// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.AddVoterRequest;
import dev.weir.api.v1.AddVoterResponse;
import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AlterConfigsRequest;
import dev.weir.api.v1.AlterConfigsResponse;
import dev.weir.api.v1.AlterTopicRequest;
import dev.weir.api.v1.AlterTopicResponse;
import dev.weir.api.v1.ConfigScope;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.CreateTopicResponse;
import dev.weir.api.v1.DeleteTopicRequest;
import dev.weir.api.v1.DeleteTopicResponse;
import dev.weir.api.v1.DescribeConfigsRequest;
import dev.weir.api.v1.DescribeConfigsResponse;
import dev.weir.api.v1.ElectLeadersRequest;
import dev.weir.api.v1.ElectLeadersResponse;
import dev.weir.api.v1.RemoveBrokerRequest;
import dev.weir.api.v1.RemoveBrokerResponse;
import dev.weir.api.v1.RemoveVoterRequest;
import dev.weir.api.v1.RemoveVoterResponse;
import dev.weir.api.v1.TopicDescription;
import dev.weir.api.v1.TopicRef;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;

import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// `weir.v1.AdminService`: every change is the controller's decision. An answer comes when the
/// change is applied here and this node's replicas follow it, so the next call sees it.
final class AdminService extends AdminServiceGrpc.AdminServiceImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(AdminService.class);

    /// How long an answer waits for this node's replicas; the change itself is committed by then.
    private static final long FOLLOW_MS = 10_000;

    private final MetadataContext context;
    private final TopicViews topics;
    private final UnaryCalls calls;
    private final ClusterAdmin cluster;

    AdminService(MetadataContext context, TopicViews topics) {
        this.context = context;
        this.topics = topics;
        this.calls = new UnaryCalls("admin", context.pool(), context.meters());
        this.cluster = new ClusterAdmin(context, this::submit);
    }

    @Override
    public void createTopic(
            CreateTopicRequest request, StreamObserver<CreateTopicResponse> answer) {
        calls.answer(answer, () -> create(request));
    }

    private CompletionStage<CreateTopicResponse> create(CreateTopicRequest request) {
        context.access().requireTopic(CallGuard.caller(), Operation.CREATE, request.getName());
        TopicRefs.name(request.getName());
        withinLimit(request.getPartitions());
        var command =
                new ControllerCommand.CreateTopic(
                        UUID.randomUUID(),
                        request.getName(),
                        given(request.getPartitions()),
                        given(request.getReplicationFactor()),
                        new TreeMap<>(request.getConfigsMap()),
                        request.getValidateOnly(),
                        false);
        return submit(command)
                .thenApplyAsync(
                        done ->
                                CreateTopicResponse.newBuilder()
                                        .setTopic(made(done, request.getValidateOnly()))
                                        .setMetadataOffset(done.metadataOffset())
                                        .build(),
                        context.pool());
    }

    @Override
    public void deleteTopic(
            DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> answer) {
        calls.answer(answer, () -> delete(request));
    }

    private CompletionStage<DeleteTopicResponse> delete(DeleteTopicRequest request) {
        var topic =
                context.access()
                        .topic(image(), request.getTopic(), CallGuard.caller(), Operation.DELETE);
        return submit(new ControllerCommand.DeleteTopic(byId(topic)))
                .thenApply(
                        done ->
                                DeleteTopicResponse.newBuilder()
                                        .setTopicId(TopicRefs.bytes(topic.topicId()))
                                        .setMetadataOffset(done.metadataOffset())
                                        .build());
    }

    @Override
    public void alterTopic(AlterTopicRequest request, StreamObserver<AlterTopicResponse> answer) {
        calls.answer(answer, () -> alter(request));
    }

    private CompletionStage<AlterTopicResponse> alter(AlterTopicRequest request) {
        var topic =
                context.access()
                        .topic(image(), request.getTopic(), CallGuard.caller(), Operation.ALTER);
        withinLimit(request.getPartitions());
        int before = topic.partitions().size();
        var command =
                new ControllerCommand.AlterTopic(
                        byId(topic),
                        given(request.getPartitions()),
                        changes(request.getSetConfigsMap(), request.getRemoveConfigsList()),
                        request.getValidateOnly());
        return submit(command)
                .thenApplyAsync(
                        done -> {
                            var response =
                                    AlterTopicResponse.newBuilder()
                                            .setTopic(altered(topic))
                                            .setMetadataOffset(done.metadataOffset());
                            if (request.getPartitions() > before) {
                                response.addWarnings(
                                        "records with the same key go to other partitions from now"
                                                + " on: order per key ends at the change");
                            }
                            return response.build();
                        },
                        context.pool());
    }

    @Override
    public void describeConfigs(
            DescribeConfigsRequest request, StreamObserver<DescribeConfigsResponse> answer) {
        calls.answer(
                answer,
                () -> CompletableFuture.completedStage(describe(request.getScope(), image())));
    }

    private DescribeConfigsResponse describe(ConfigScope scope, ClusterImage image) {
        var principal = CallGuard.caller();
        var entries =
                switch (scope.getScopeCase()) {
                    case CLUSTER -> {
                        context.access().requireCluster(principal, Operation.DESCRIBE);
                        yield context.configs().ofCluster(image);
                    }
                    case BROKER -> {
                        context.access().requireCluster(principal, Operation.DESCRIBE);
                        yield context.configs().ofBroker(image, broker(scope, image));
                    }
                    case TOPIC ->
                            context.configs()
                                    .ofTopic(
                                            image,
                                            context.access()
                                                    .topic(
                                                            image,
                                                            named(scope),
                                                            principal,
                                                            Operation.DESCRIBE));
                    case SCOPE_NOT_SET -> throw noScope();
                };
        return DescribeConfigsResponse.newBuilder()
                .addAllConfigs(entries)
                .setMetadataOffset(image.offset())
                .build();
    }

    @Override
    public void alterConfigs(
            AlterConfigsRequest request, StreamObserver<AlterConfigsResponse> answer) {
        calls.answer(answer, () -> alter(request));
    }

    private CompletionStage<AlterConfigsResponse> alter(AlterConfigsRequest request) {
        var scope = target(request.getScope(), CallGuard.caller());
        var command =
                new ControllerCommand.AlterConfigs(
                        new ControllerCommand.ConfigTarget.OfScope(scope),
                        changes(request.getSetMap(), request.getRemoveList()),
                        request.getValidateOnly());
        return submit(command)
                .thenApply(
                        done ->
                                AlterConfigsResponse.newBuilder()
                                        .setMetadataOffset(done.metadataOffset())
                                        .build());
    }

    @Override
    public void addVoter(AddVoterRequest request, StreamObserver<AddVoterResponse> answer) {
        calls.answer(answer, () -> cluster.addVoter(request));
    }

    @Override
    public void removeVoter(
            RemoveVoterRequest request, StreamObserver<RemoveVoterResponse> answer) {
        calls.answer(answer, () -> cluster.removeVoter(request));
    }

    @Override
    public void electLeaders(
            ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> answer) {
        calls.answer(answer, () -> cluster.electLeaders(request));
    }

    @Override
    public void removeBroker(
            RemoveBrokerRequest request, StreamObserver<RemoveBrokerResponse> answer) {
        calls.answer(answer, () -> cluster.removeBroker(request));
    }

    private dev.weir.metadata.record.ConfigScope target(ConfigScope scope, Principal principal) {
        return switch (scope.getScopeCase()) {
            case CLUSTER -> {
                context.access().requireCluster(principal, Operation.ALTER);
                yield new dev.weir.metadata.record.ConfigScope.Cluster();
            }
            case BROKER -> {
                context.access().requireCluster(principal, Operation.ALTER);
                yield new dev.weir.metadata.record.ConfigScope.Broker(broker(scope, image()));
            }
            case TOPIC ->
                    new dev.weir.metadata.record.ConfigScope.Topic(
                            context.access()
                                    .topic(image(), named(scope), principal, Operation.ALTER)
                                    .topicId());
            case SCOPE_NOT_SET -> throw noScope();
        };
    }

    /// Completes when the change is committed, and followed by this node's replicas; at the latest
    /// [#FOLLOW_MS] after the commit.
    private CompletionStage<GatewayOutcome.Committed> submit(ControllerCommand command) {
        return context.metadata()
                .gateway()
                .submit(command, UnaryCalls.timeLeft())
                .thenCompose(
                        outcome -> {
                            if (!(outcome instanceof GatewayOutcome.Committed done)) {
                                throw new ApiException(ControllerErrors.of(outcome));
                            }
                            return context.followed()
                                    .atLeast(done.metadataOffset())
                                    .orTimeout(FOLLOW_MS, TimeUnit.MILLISECONDS)
                                    .handle((_, late) -> committed(done, late));
                        });
    }

    /// What is committed is answered as such, even where this node is slow to follow.
    private static GatewayOutcome.Committed committed(
            GatewayOutcome.Committed done, @Nullable Throwable late) {
        if (late != null) {
            LOG.atWarn()
                    .addKeyValue("metadata_offset", done.metadataOffset())
                    .addKeyValue("waited_ms", FOLLOW_MS)
                    .addKeyValue("cause", late.toString())
                    .log("A committed change is answered before this node follows it");
        }
        return done;
    }

    private TopicDescription made(GatewayOutcome.Committed done, boolean validateOnly) {
        if (!(done.result() instanceof CommandResult.TopicMade made)) {
            throw new IllegalStateException("a topic was asked for, not " + done.result());
        }
        var topic = image().topics().topic(made.topicId());
        if (topic.isPresent() && !validateOnly) {
            return topics.described(image(), topic.get());
        }
        return TopicDescription.newBuilder()
                .setName(made.name())
                .addAllPartitions(
                        ImageViews.partitions(made.partitions(), made.firstPartition(), image()))
                .build();
    }

    private TopicDescription altered(TopicImage before) {
        var image = image();
        return topics.described(image, image.topics().topic(before.topicId()).orElse(before));
    }

    private ClusterImage image() {
        return context.metadata().image();
    }

    private void withinLimit(int partitions) {
        int limit = context.limits().requestPartitionsMax();
        if (partitions > limit) {
            throw new ApiException(
                    ApiError.of(
                                    ErrorReason.PARTITION_LIMIT,
                                    "one request asks for at most "
                                            + limit
                                            + " partitions, not "
                                            + partitions)
                            .with("limit", limit)
                            .violating("request.partitions.max", "at most " + limit));
        }
    }

    private static OptionalInt given(int value) {
        return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static SortedMap<String, Optional<String>> changes(
            Map<String, String> set, List<String> remove) {
        var changes = new TreeMap<String, Optional<String>>();
        set.forEach((key, value) -> changes.put(key, Optional.of(value)));
        for (var key : remove) {
            if (changes.put(key, Optional.empty()) != null) {
                throw new ApiException(
                        ApiError.badField("remove", "names a key twice: " + OneLine.quote(key)));
            }
        }
        return changes;
    }

    private static int broker(ConfigScope scope, ClusterImage image) {
        return image.brokers()
                .broker(scope.getBroker())
                .orElseThrow(
                        () ->
                                new ApiException(
                                        ApiError.of(
                                                ErrorReason.UNKNOWN_BROKER,
                                                "there is no broker " + scope.getBroker())))
                .nodeId();
    }

    private static TopicRef named(ConfigScope scope) {
        return TopicRef.newBuilder().setName(scope.getTopic()).build();
    }

    private static ControllerCommand.TopicRef byId(TopicImage topic) {
        return new ControllerCommand.TopicRef.ById(topic.topicId());
    }

    private static ApiException noScope() {
        return new ApiException(ApiError.badField("scope", "must be cluster, broker or topic"));
    }
}
