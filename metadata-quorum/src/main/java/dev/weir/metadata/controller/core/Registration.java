// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.config.TopicRules;
import dev.weir.metadata.controller.core.ControllerCommand.RegisterBroker;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.DirectoryRestored;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionChanged;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/// Decides [RegisterBroker]: one process of a node replaces the one before.
///
/// In the same batch every partition that the node led gets a new epoch, so that nothing the old
/// process still does can count; a replica whose directory is gone, or whose page cache did not
/// survive where the topic relied on it, leaves ISR and ELR (KIP-966, KIP-858).
///
/// A process that has a failed directory open says that an operator gave it back: it is restored in
/// the same batch. What it holds is not certain, so the replica leaves ISR and ELR wherever another
/// member has everything. Where there is none it stays, and may lead with what it kept.
final class Registration {

    private Registration() {}

    /// Decides [ControllerCommand.AskRegistration].
    static Decision current(int nodeId, DecisionContext context) {
        return Decision.accept(new CommandResult.CurrentRegistration(number(nodeId, context)));
    }

    static Decision decide(RegisterBroker command, DecisionContext context) {
        var level =
                context.image()
                        .features()
                        .getOrDefault(
                                FeatureLevelSet.WEIR_VERSION, FeatureLevelSet.WEIR_VERSION_LEVEL);
        if (level < command.weirVersionMin() || level > command.weirVersionMax()) {
            return Decision.refuse(
                    Code.UNSUPPORTED_VERSION,
                    "the cluster runs at level "
                            + level
                            + ", the build supports "
                            + command.weirVersionMin()
                            + " to "
                            + command.weirVersionMax());
        }
        var stranger = otherOwner(command, context);
        if (stranger.isPresent()) {
            return Decision.refuse(
                    Code.WRONG_DIRECTORY,
                    "a directory of this broker is registered by broker " + stranger.get());
        }
        var known = context.image().brokers().broker(command.nodeId());
        if (known.isPresent() && known.get().incarnation().equals(command.incarnation())) {
            return Decision.accept(
                    new CommandResult.Registered(known.get().registration().registrationNumber()));
        }
        if (command.replacesRegistration() != number(command.nodeId(), context)) {
            return Decision.refuse(
                    Code.STALE_REGISTRATION,
                    "registration "
                            + number(command.nodeId(), context)
                            + " is current, not "
                            + command.replacesRegistration());
        }
        return register(command, context);
    }

    private static Decision register(RegisterBroker command, DecisionContext context) {
        var number = context.image().brokers().lastRegistrationNumber() + 1;
        var records = new ArrayList<MetadataRecord>();
        records.add(
                new BrokerRegistered(
                        new BrokerRegistration(
                                command.nodeId(),
                                command.incarnation(),
                                number,
                                command.clientEndpoint(),
                                command.internalEndpoint(),
                                command.rack(),
                                command.directories(),
                                command.weirVersionMin(),
                                command.weirVersionMax())));
        var unproven = unproven(command, context);
        for (var directory : unproven) {
            if (isRestored(directory, command, context)) {
                records.add(new DirectoryRestored(command.nodeId(), directory));
            }
        }
        var registered = context.with(context.image().with(records));
        for (var topic : context.image().topics().all()) {
            for (var partition = 0; partition < topic.partitions().size(); partition++) {
                var state = topic.partitions().get(partition);
                if (state.replicas().contains(command.nodeId())) {
                    var id = new TopicPartition(topic.topicId(), partition);
                    var next = next(id, state, command, unproven, registered);
                    if (!next.equals(state)) {
                        var change = Membership.asOneChangeOf(state, next);
                        records.add(PartitionChanged.to(topic.topicId(), partition, change));
                    }
                }
            }
        }
        return Decision.accept(records, new CommandResult.Registered(number));
    }

    private static PartitionState next(
            TopicPartition id,
            PartitionState state,
            RegisterBroker command,
            Set<UUID> unproven,
            DecisionContext registered) {
        var nodeId = command.nodeId();
        var next = state;
        var directory = state.directoryOf(nodeId);
        if (!command.directories().contains(directory)
                || (unproven.contains(directory) && anotherHolds(state, nodeId, registered))) {
            next = Membership.without(next, nodeId);
        } else if (isUnclean(id.topicId(), state, command, registered)
                && (state.isr().contains(nodeId) || state.elr().contains(nodeId))) {
            next = Membership.recovering(next, nodeId);
        }
        if (state.isLedBy(nodeId)) {
            next = Membership.withLeader(next, OptionalInt.empty());
        }
        return LeaderElector.settle(id, next, registered);
    }

    /// Directories of the process that hold what may not be on their disks.
    private static SortedSet<UUID> unproven(RegisterBroker command, DecisionContext context) {
        var unproven = new TreeSet<>(command.unprovenDirectories());
        context.image()
                .brokers()
                .broker(command.nodeId())
                .ifPresent(known -> unproven.addAll(known.failedDirectories()));
        unproven.retainAll(command.directories());
        return unproven;
    }

    /// Whether it had failed, and the process does not take for durable what is in memory only: it
    /// knows of the failure, or the memory is of another boot.
    private static boolean isRestored(
            UUID directory, RegisterBroker command, DecisionContext context) {
        var isKnown = command.unprovenDirectories().contains(directory) || !command.isSameBoot();
        return isKnown
                && context.image()
                        .brokers()
                        .broker(command.nodeId())
                        .map(known -> known.failedDirectories().contains(directory))
                        .orElse(false);
    }

    private static boolean anotherHolds(PartitionState state, int nodeId, DecisionContext context) {
        return Stream.concat(state.isr().stream(), state.elr().stream())
                .anyMatch(node -> node != nodeId && !context.hasFailedDirectory(state, node));
    }

    /// Whether records that were acknowledged from the page cache may be lost on this node.
    private static boolean isUnclean(
            UUID topicId, PartitionState state, RegisterBroker command, DecisionContext context) {
        var countsAsFsync =
                TopicRules.isFsync(context.image().configs(), topicId) && !state.fsyncUnproven();
        return !command.isSameBoot() && !countsAsFsync;
    }

    private static long number(int nodeId, DecisionContext context) {
        return context.image()
                .brokers()
                .broker(nodeId)
                .map(broker -> broker.registration().registrationNumber())
                .orElse(0L);
    }

    private static Optional<Integer> otherOwner(RegisterBroker command, DecisionContext context) {
        List<UUID> directories = command.directories();
        return context.image().brokers().all().stream()
                .filter(broker -> broker.nodeId() != command.nodeId())
                .filter(
                        broker ->
                                broker.registration().directories().stream()
                                        .anyMatch(directories::contains))
                .map(broker -> broker.nodeId())
                .findFirst();
    }
}
