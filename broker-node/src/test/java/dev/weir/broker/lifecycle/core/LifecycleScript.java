// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle.core;

import dev.weir.metadata.controller.core.CommandOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.ControllerCommand;
import dev.weir.metadata.controller.core.Refusal;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerRegistered;
import dev.weir.metadata.record.BrokerRegistration;
import dev.weir.metadata.record.BrokerUnfenced;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;
import dev.weir.metadata.record.PartitionCreated;
import dev.weir.metadata.record.PartitionState;
import dev.weir.metadata.record.TopicCreated;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/// A broker's life, driven step by step, and the metadata that it sees.
final class LifecycleScript {

    static final int NODE = 2;
    static final UUID PROCESS = new UUID(7, 7);
    static final UUID DIRECTORY = new UUID(8, 8);
    static final UUID TOPIC = new UUID(9, 9);
    static final LifecycleSettings SETTINGS =
            new LifecycleSettings(300, 5_000, 50, 3_000, 10_000, 2_000, 2);

    private final BrokerLifecycle lifecycle = new BrokerLifecycle(SETTINGS, template());
    private ClusterImage image = ClusterImage.EMPTY;
    private long activationId;
    private long seq;
    private long index;
    private long nowMs = 1_000;

    LifecycleScript() {
        newController();
    }

    static ControllerCommand.RegisterBroker template() {
        return new ControllerCommand.RegisterBroker(
                NODE,
                PROCESS,
                0,
                new Endpoint("a", 1),
                new Endpoint("a", 2),
                Optional.empty(),
                List.of(DIRECTORY),
                1,
                1,
                true,
                List.of());
    }

    List<LifecycleEffect> on(LifecycleEvent event) {
        return lifecycle.on(event, nowMs);
    }

    /// Lets time pass, tick by tick.
    List<LifecycleEffect> pass(long ms) {
        var effects = new ArrayList<LifecycleEffect>();
        for (long until = nowMs + ms; nowMs < until; ) {
            nowMs += 25;
            effects.addAll(on(new LifecycleEvent.Tick()));
        }
        return effects;
    }

    List<LifecycleEffect> start() {
        return on(new LifecycleEvent.Started());
    }

    List<LifecycleEffect> committed(long callId, CommandResult result) {
        return on(
                new LifecycleEvent.Answered(
                        callId, new CommandOutcome.Committed(result, image.offset())));
    }

    List<LifecycleEffect> refused(long callId, Refusal.Code code) {
        return on(
                new LifecycleEvent.Answered(
                        callId,
                        new CommandOutcome.Refused(new Refusal(code, "no"), image.offset())));
    }

    List<LifecycleEffect> unknown(long callId) {
        return on(new LifecycleEvent.Answered(callId, new CommandOutcome.Unknown()));
    }

    /// Up to the accepted registration, which the image shows; nothing is followed yet.
    List<LifecycleEffect> register() {
        var asked = call(start());
        var registering = call(committed(asked.callId(), new CommandResult.CurrentRegistration(0)));
        apply(registered(NODE, PROCESS));
        return committed(registering.callId(), new CommandResult.Registered(1));
    }

    /// Up to a live broker that follows.
    void join() {
        register();
        follow();
        apply(new BrokerUnfenced(NODE, number(NODE)));
        follow();
    }

    List<LifecycleEffect> follow() {
        return on(new LifecycleEvent.ImageFollowed(image));
    }

    ClusterImage image() {
        return image;
    }

    long number(int nodeId) {
        return image.brokers().broker(nodeId).orElseThrow().registration().registrationNumber();
    }

    void newController() {
        activationId++;
        seq = 0;
        applyBatch(MetadataBatch.activation(1, activationId));
    }

    void apply(MetadataRecord... records) {
        seq++;
        applyBatch(new MetadataBatch(activationId, seq, List.of(records)));
    }

    private void applyBatch(MetadataBatch batch) {
        index++;
        image = ((ApplyResult.Applied) image.apply(batch, 1, index)).image();
    }

    MetadataRecord registered(int nodeId, UUID incarnation) {
        return new BrokerRegistered(
                new BrokerRegistration(
                        nodeId,
                        incarnation,
                        image.brokers().lastRegistrationNumber() + 1,
                        new Endpoint("a", 1),
                        new Endpoint("a", 2),
                        Optional.empty(),
                        List.of(nodeId == NODE ? DIRECTORY : new UUID(nodeId, 1)),
                        1,
                        1));
    }

    /// A topic of one partition, replicas on this node and node 1.
    void topic(List<Integer> isr, List<Integer> recovering, OptionalInt leader) {
        apply(
                new TopicCreated(TOPIC, "t"),
                new PartitionCreated(
                        TOPIC,
                        0,
                        new PartitionState(
                                List.of(NODE, 1),
                                List.of(DIRECTORY, new UUID(1, 1)),
                                isr,
                                List.of(),
                                recovering,
                                leader,
                                1,
                                1,
                                false)));
    }

    /// The one call among effects.
    static LifecycleEffect.Call call(List<LifecycleEffect> effects) {
        return of(LifecycleEffect.Call.class, effects).getFirst();
    }

    static <T> List<T> of(Class<T> type, List<LifecycleEffect> effects) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
