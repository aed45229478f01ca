// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import dev.weir.broker.lifecycle.core.BrokerLifecycle;
import dev.weir.broker.lifecycle.core.LifecycleEffect;
import dev.weir.broker.lifecycle.core.LifecycleEvent;
import dev.weir.broker.partition.LocalPartition;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.partition.core.IsrOutcome;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.broker.threads.NamedThreads;
import dev.weir.broker.threads.PeriodicTask;
import dev.weir.log.PartitionId;
import dev.weir.metadata.controller.BrokerSession;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.ControllerCommand.LogEnd;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.TopicPartition;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Makes this process a broker of the cluster and keeps it one: carries out what [BrokerLifecycle]
/// decides.
///
/// **Threading:** one thread of its own owns the state; every other thread only enqueues.
///
/// **Bound:** of what waits: by the partitions, which ask again only when they were answered or a
/// pause is over, and by the calls on their way.
public final class ClusterMembership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterMembership.class);
    private static final long TICK_MS = 25;
    private static final long OFFLINE_MS = 500;

    private final BrokerLifecycle lifecycle;
    private final Node node;
    private final ScheduledThreadPoolExecutor turns;
    private final CompletableFuture<Void> live = new CompletableFuture<>();
    private final CompletableFuture<Integer> leadersMoved = new CompletableFuture<>();
    private @Nullable BrokerSession session;
    private SortedSet<TopicPartition> offline = new TreeSet<>();

    /// What the membership stands on.
    ///
    /// @param nodeId this node
    /// @param incarnation this process
    /// @param gateway the way to the controller
    /// @param partitions this node's replicas
    /// @param followedOffset offset of the image that the replicas follow
    /// @param workAge age of the oldest unfinished work, in milliseconds
    /// @param follow told, once, that the registration counts: the replicas follow images from that
    ///   offset on
    /// @param quorum what is known of the quorum, in words
    /// @param expelled told, once, why this process can be no broker any longer
    public record Node(
            int nodeId,
            UUID incarnation,
            ControllerGateway gateway,
            PartitionRegistry partitions,
            LongSupplier followedOffset,
            LongSupplier workAge,
            LongConsumer follow,
            Supplier<String> quorum,
            Consumer<String> expelled) {}

    /// @param lifecycle decides; this thread's from now on
    /// @param node what it is about
    public ClusterMembership(BrokerLifecycle lifecycle, Node node) {
        this.lifecycle = lifecycle;
        this.node = node;
        turns = new ScheduledThreadPoolExecutor(1, new NamedThreads("membership"));
        turns.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /// Begins to register; returns at once. Once.
    ///
    /// @param requests what partitions and directories want to tell the controller
    public void start(ControllerRequests requests) {
        on(new LifecycleEvent.Started());
        requests.connect(this::on);
        var _ =
                PeriodicTask.start(
                        turns,
                        TICK_MS,
                        "ticks of the membership",
                        () -> step(new LifecycleEvent.Tick()));
        var _ =
                PeriodicTask.start(
                        turns,
                        OFFLINE_MS,
                        "looks for replicas that cannot be used",
                        this::lookForOffline);
    }

    /// Completes when the cluster first counts on this broker; exceptionally, with a
    /// [RegistrationException], when it never will.
    public CompletableFuture<Void> live() {
        return live;
    }

    /// The replicas are what this image says. The thread that follows.
    public void followed(ClusterImage image) {
        on(new LifecycleEvent.ImageFollowed(image));
    }

    /// Announces the stop: leaders move.
    ///
    /// @param waitMs how long they may take
    /// @return completes by then, with the number of partitions that nobody else can lead
    public CompletableFuture<Integer> stop(long waitMs) {
        on(new LifecycleEvent.StopWanted(waitMs));
        return leadersMoved;
    }

    /// Ends the heartbeat stream, so that the controller fences the broker. Idempotent.
    @Override
    public void close() {
        turns.shutdown();
        try {
            if (!turns.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("the membership's thread did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var open = session;
        if (open != null) {
            open.close();
        }
        live.completeExceptionally(new RegistrationException("the node stops"));
        leadersMoved.complete(0);
    }

    private void on(LifecycleEvent event) {
        try {
            turns.execute(() -> step(event));
        } catch (RejectedExecutionException closing) {
            LOG.debug("the membership takes no more events: the node stops", closing);
        }
    }

    private void step(LifecycleEvent event) {
        try {
            var nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            for (var effect : lifecycle.on(event, nowMs)) {
                carryOut(effect);
            }
        } catch (Throwable e) {
            // A broker whose membership is in doubt must not go on as if it were in order. An error
            // of the process would end the ticks, and nothing else.
            LOG.error("the membership broke an invariant", e);
            expel("the membership broke an invariant: " + e);
        }
    }

    /// A look at each now and then: whatever took one offline, and whatever brought it back.
    private void lookForOffline() {
        var now = new TreeSet<TopicPartition>();
        for (var partition : node.partitions().all()) {
            var status = partition.status();
            if (status.offlineReason().isPresent()) {
                now.add(new TopicPartition(status.id().topicId(), status.id().partition()));
            }
        }
        if (!now.equals(offline)) {
            offline = now;
            step(new LifecycleEvent.OfflineReplicas(now));
        }
    }

    private void carryOut(LifecycleEffect effect) {
        switch (effect) {
            case LifecycleEffect.Call call -> call(call);
            case LifecycleEffect.Follow(var offset) -> node.follow().accept(offset);
            case LifecycleEffect.OpenSession _ ->
                    session = node.gateway().openSession(node.nodeId(), node.incarnation());
            case LifecycleEffect.Beat _ -> beat();
            case LifecycleEffect.ReadLogEnds(var wanted) ->
                    on(new LifecycleEvent.LogEnds(logEnds(wanted)));
            case LifecycleEffect.AnswerIsr(var partition, var number, var outcome) ->
                    answer(partition, number, outcome);
            case LifecycleEffect.LivenessChanged(var isLive) -> {
                LOG.info(isLive ? "the cluster counts on this node" : "this node is fenced");
                if (isLive) {
                    live.complete(null);
                }
            }
            case LifecycleEffect.Waiting(var reason, var sinceMs) ->
                    LOG.warn(
                            "not ready after {} s: {}; {}",
                            sinceMs / 1_000,
                            reason,
                            node.quorum().get());
            case LifecycleEffect.LeadersMoved(var left) -> leadersMoved.complete(left);
            case LifecycleEffect.Expelled(var reason) -> expel(reason);
        }
    }

    /// A start fails; a node that was live ends.
    private void expel(String reason) {
        if (!live.completeExceptionally(new RegistrationException(reason))) {
            node.expelled().accept(reason);
        }
    }

    private void call(LifecycleEffect.Call call) {
        node.gateway()
                .submit(call.command(), Duration.ofMillis(call.timeoutMs()))
                .thenAccept(
                        outcome ->
                                on(new LifecycleEvent.Answered(call.callId(), outcome(outcome))));
    }

    private static CommandOutcome outcome(GatewayOutcome outcome) {
        return switch (outcome) {
            case GatewayOutcome.Committed(var result, var offset) ->
                    new CommandOutcome.Committed(result, offset);
            case GatewayOutcome.Refused(var refusal, var offset) ->
                    new CommandOutcome.Refused(refusal, offset);
            case GatewayOutcome.NotController _ -> new CommandOutcome.NotController();
            case GatewayOutcome.Unknown _ -> new CommandOutcome.Unknown();
        };
    }

    private void beat() {
        if (session != null) {
            session.heartbeat(node.followedOffset().getAsLong(), node.workAge().getAsLong());
        }
    }

    private SortedMap<TopicPartition, LogEnd> logEnds(SortedSet<TopicPartition> wanted) {
        var ends = new TreeMap<TopicPartition, LogEnd>();
        for (var one : wanted) {
            local(one)
                    .filter(partition -> partition.status().offlineReason().isEmpty())
                    .map(LocalPartition::log)
                    .ifPresent(
                            log ->
                                    ends.put(
                                            one,
                                            new LogEnd(log.latestEpoch(), log.logEndOffset())));
        }
        return ends;
    }

    private void answer(TopicPartition partition, long proposalNumber, IsrOutcome outcome) {
        local(partition).ifPresent(replica -> replica.isrAnswered(proposalNumber, outcome));
    }

    private Optional<LocalPartition> local(TopicPartition partition) {
        Optional<Partition> found =
                node.partitions().find(new PartitionId(partition.topicId(), partition.partition()));
        return found.filter(LocalPartition.class::isInstance).map(LocalPartition.class::cast);
    }
}
