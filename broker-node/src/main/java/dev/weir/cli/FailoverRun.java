// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.FailoverPlan.Place;
import dev.weir.cli.FailoverPlan.Victim;
import dev.weir.client.ClientException;
import dev.weir.client.NewTopic;
import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Failures of nodes of one cluster under a steady load, one after the other.
///
/// **Threading:** one thread.
final class FailoverRun {

    /// What a run showed.
    ///
    /// @param node who failed
    /// @param leaderAfter who led the measured partition afterwards
    /// @param blindNs from the failure to the end of the longest gap between acknowledgements
    /// @param acknowledged records
    /// @param stored records that are there, each counted once
    /// @param healNs from the start of the victim until every in-sync set was full
    record Result(
            int node,
            int leaderAfter,
            long blindNs,
            int acknowledged,
            int stored,
            int lost,
            int duplicates,
            int disorder,
            long healNs) {}

    private static final int REPLICAS = 3;
    private static final int TOPICS_MAX = 24;
    private static final Duration WAIT = Duration.ofSeconds(90);
    private static final Duration NO_MORE = Duration.ofSeconds(30);

    /// So long acknowledgements flow before a failure, and are watched after it.
    private static final long STEADY_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long WATCHED_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long FLOWING_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LocalCluster cluster;
    private final WeirClient client;
    private final Victim victim;
    private final int partitions;
    private final String durability;
    private String topic = "";
    private int topics;

    FailoverRun(
            LocalCluster cluster,
            WeirClient client,
            Victim victim,
            int partitions,
            String durability) {
        this.cluster = cluster;
        this.client = client;
        this.victim = victim;
        this.partitions = partitions;
        this.durability = durability;
    }

    /// One failure, from a healthy cluster to a healthy cluster.
    ///
    /// @throws CommandFailure when it cannot be brought about, or the cluster does not come back
    Result once() {
        var plan = plan();
        var partition = new TopicPartition(topic, plan.partition());
        var from = endOf(partition);
        long failedNs;
        try (var load = new SteadyLoad(client, partition)) {
            load.start();
            await(
                    "the first acknowledgements",
                    () -> load.isFlowing(STEADY_NS) && load.timeline().count() > 0);
            failedNs = System.nanoTime();
            strike(plan.node());
            await(
                    "acknowledgements after the failure",
                    () -> System.nanoTime() - failedNs > WATCHED_NS && load.isFlowing(FLOWING_NS));
            load.finish(WAIT);
            var leaderAfter =
                    client.admin()
                            .describeTopic(topic)
                            .partitions()
                            .get(plan.partition())
                            .leader()
                            .orElse(0);
            var revivedNs = System.nanoTime();
            revive(plan.node());
            awaitInSync();
            var healNs = System.nanoTime() - revivedNs;
            var blind = load.timeline().blindNs(failedNs);
            var readBack = readBack(partition, from, load.acknowledged());
            return new Result(
                    plan.node(),
                    leaderAfter,
                    blind.orElseThrow(() -> new CommandFailure("no acknowledgement came")),
                    load.acknowledged().size(),
                    readBack.distinct(),
                    readBack.lost(),
                    readBack.duplicates(),
                    readBack.disorder(),
                    healNs);
        }
    }

    /// Finds a partition whose leader is as the victim wants it; makes topics until one has it.
    private FailoverPlan plan() {
        while (true) {
            if (!topic.isEmpty()) {
                awaitInSync();
                // Else the leaders gather on the nodes that did not fail.
                var _ = client.admin().electLeaders(topic, List.of(), false);
                awaitInSync();
                var plan = FailoverPlan.choose(victim, controller(), places());
                if (plan != null) {
                    return plan;
                }
            }
            if (topics == TOPICS_MAX) {
                throw new CommandFailure(
                        "no partition of %d topics has a leader as '%s' wants it: try again"
                                .formatted(TOPICS_MAX, victim));
            }
            topics++;
            topic = "failover-" + topics;
            cluster.createTopic(
                    client,
                    new NewTopic(topic, partitions, REPLICAS, Map.of("durability", durability)),
                    WAIT);
        }
    }

    private int controller() {
        await("an active controller", () -> controllerOrZero() != 0);
        return controllerOrZero();
    }

    private int controllerOrZero() {
        return client.admin().describeCluster().controllerId().orElse(0);
    }

    private List<Place> places() {
        return describe().stream()
                .map(
                        partition ->
                                new Place(
                                        partition.partition(),
                                        partition.leader(),
                                        new TreeSet<>(partition.isr())))
                .toList();
    }

    private List<TopicDescription.Partition> describe() {
        return client.admin().describeTopic(topic).partitions();
    }

    private void awaitInSync() {
        cluster.awaitServing(client, WAIT);
        await(
                "full in-sync sets",
                () ->
                        describe().stream()
                                .allMatch(
                                        partition ->
                                                partition.isr().size() == REPLICAS
                                                        && partition.leader().isPresent()));
    }

    private void strike(int node) {
        var process = cluster.node(node);
        switch (victim) {
            case LEADER, LEADER_AND_CONTROLLER, FOLLOWER -> process.signalKill();
            case STOP -> process.pause();
            case PLANNED -> process.signalStop();
        }
    }

    private void revive(int node) {
        switch (victim) {
            case LEADER, LEADER_AND_CONTROLLER, FOLLOWER -> {
                cluster.node(node).kill();
                cluster.restart(node);
            }
            case PLANNED -> {
                cluster.node(node).stop();
                cluster.restart(node);
            }
            case STOP -> cluster.node(node).resume();
        }
    }

    private long endOf(TopicPartition partition) {
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            return reader.offsetOf(partition, StartPosition.LATEST);
        }
    }

    private ReadBack readBack(
            TopicPartition partition, long from, Map<Integer, Long> acknowledged) {
        var readBack = new ReadBack(acknowledged);
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            var end = reader.offsetOf(partition, StartPosition.LATEST);
            reader.assign(partition, StartPosition.at(from));
            for (var next = from; next < end; ) {
                var records = reader.poll(NO_MORE);
                if (records.isEmpty()) {
                    throw new CommandFailure(
                            "no record came after offset %d of %d".formatted(next - 1, end));
                }
                for (var fetched : records) {
                    readBack.read(fetched.offset(), SteadyLoad.numberOf(fetched));
                    next = fetched.offset() + 1;
                }
            }
        }
        return readBack;
    }

    private static void await(String what, BooleanSupplier condition) {
        var deadlineNs = System.nanoTime() + WAIT.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new CommandFailure(
                        "no %s after %d s: see server.log of the nodes"
                                .formatted(what, WAIT.toSeconds()));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /// While a cluster heals, a question may go unanswered.
    private static boolean holds(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (ClientException.Unreachable e) {
            return false;
        } catch (ClientException.Refused e) {
            if (e.retryDelay().isEmpty()) {
                throw e;
            }
            return false;
        }
    }
}
