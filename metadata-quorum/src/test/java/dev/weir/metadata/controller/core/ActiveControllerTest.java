// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.createTopic;
import static dev.weir.metadata.controller.core.Brokers.directory;
import static dev.weir.metadata.controller.core.Brokers.incarnation;
import static dev.weir.metadata.controller.core.Brokers.register;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.controller.core.CommandOutcome.Committed;
import dev.weir.metadata.controller.core.CommandOutcome.NotController;
import dev.weir.metadata.controller.core.CommandOutcome.Refused;
import dev.weir.metadata.controller.core.CommandOutcome.Unknown;
import dev.weir.metadata.controller.core.ControllerCommand.AskRegistration;
import dev.weir.metadata.controller.core.ControllerCommand.UnregisterBroker;
import dev.weir.metadata.controller.core.ControllerEvent.BecameLeader;
import dev.weir.metadata.controller.core.ControllerEvent.EntryApplied;
import dev.weir.metadata.controller.core.ControllerEvent.LostLeadership;
import dev.weir.metadata.controller.core.ControllerEvent.ProbeFinished;
import dev.weir.metadata.controller.core.ControllerEvent.ProposalFailed;
import dev.weir.metadata.controller.core.ControllerEvent.StreamClosed;
import dev.weir.metadata.controller.core.ControllerEvent.StreamOpened;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ApplyResult.SkipReason;
import dev.weir.metadata.image.ApplyResult.Skipped;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataBatch;

import org.junit.jupiter.api.Test;

import java.util.UUID;

class ActiveControllerTest {

    @Test
    void decidesNothingBeforeItsActivationHasApplied() {
        // Given
        var log = new OneNodeLog(ControllerSettings.DEFAULT);
        log.on(new BecameLeader(1, ClusterImage.EMPTY));

        // When
        var ask = log.submit(new AskRegistration(1));

        // Then
        assertThat(log.controller.isActive()).isFalse();
        assertThat(log.proposed).containsExactly(MetadataBatch.activation(1, 1));
        assertThat(log.reply(ask)).isEmpty();
        log.commitAll();
        assertThat(log.controller.isActive()).isTrue();
        assertThat(log.reply(ask).orElseThrow()).isInstanceOf(Committed.class);
    }

    @Test
    void aStandbyRefersCallersElsewhere() {
        var log = new OneNodeLog(ControllerSettings.DEFAULT);

        var ask = log.submit(new AskRegistration(1));

        assertThat(log.reply(ask)).contains(new NotController());
    }

    @Test
    void theFirstActivationSetsTheFeatureLevel() {
        assertThat(OneNodeLog.active().image.features())
                .containsEntry(FeatureLevelSet.WEIR_VERSION, 1);
    }

    @Test
    void answersOnlyWhenTheBatchHasApplied() {
        // Given
        var log = OneNodeLog.active();

        // When
        var first = log.submit(register(1, incarnation(1), 0, false, directory(1)));

        // Then
        assertThat(log.reply(first)).isEmpty();
        log.commitAll();
        assertThat(log.reply(first).orElseThrow())
                .isEqualTo(new Committed(new CommandResult.Registered(1), log.index));
    }

    @Test
    void decidesAgainstThePendingImageAndLetsAnswersWaitForWhatTheyRestOn() {
        // Given
        var log = OneNodeLog.withBroker();

        // When
        var create = log.submit(createTopic("orders", 1, 1));
        var other =
                log.submit(
                        new ControllerCommand.DeleteTopic(
                                new ControllerCommand.TopicRef.ByName("orders")));
        var refused =
                log.submit(
                        new ControllerCommand.DeleteTopic(
                                new ControllerCommand.TopicRef.ByName("orders")));

        // Then
        assertThat(log.proposed).hasSize(2);
        assertThat(log.reply(refused)).isEmpty();
        log.commit();
        assertThat(log.reply(create).orElseThrow()).isInstanceOf(Committed.class);
        assertThat(log.reply(refused)).as("rests on the deletion").isEmpty();
        log.commit();
        assertThat(log.reply(other).orElseThrow()).isInstanceOf(Committed.class);
        assertThat(code(log, refused)).isEqualTo(Code.UNKNOWN_TOPIC);
        assertThat(((Refused) log.replies.get(refused)).metadataOffset()).isEqualTo(log.index);
    }

    @Test
    void aFailedProposalMeansUnknownAndAnotherActivation() {
        // Given
        var log = OneNodeLog.withBroker();
        var create = log.submit(createTopic("orders", 1, 1));
        var waits = log.submit(new AskRegistration(1));
        var batch = log.proposed.remove();

        // When
        log.on(new ProposalFailed(batch.activationId(), batch.seq(), "no leader"));

        // Then
        assertThat(log.reply(create)).contains(new Unknown());
        assertThat(log.reply(waits)).contains(new NotController());
        assertThat(log.controller.isActive()).isFalse();
        log.tick(ControllerSettings.DEFAULT.reactivateDelayMs());
        assertThat(log.proposed).containsExactly(MetadataBatch.activation(1, 2));
        log.commitAll();
        assertThat(log.controller.isActive()).isTrue();
        var again = log.submit(createTopic("orders", 1, 1));
        log.commitAll();
        assertThat(log.reply(again).orElseThrow()).isInstanceOf(Committed.class);
    }

    @Test
    void aBatchThatFailedButAppliesAfterAllIsPartOfTheNextPendingImage() {
        // Given
        var log = OneNodeLog.withBroker();
        var create = log.submit(createTopic("orders", 1, 1));
        var batch = log.proposed.peek();
        log.on(new ProposalFailed(batch.activationId(), batch.seq(), "timeout"));
        log.tick(ControllerSettings.DEFAULT.reactivateDelayMs());

        // When: the batch was appended before the new activation.
        log.commitAll();
        var exists =
                log.submit(
                        new ControllerCommand.CreateTopic(
                                new UUID(0, 0),
                                "orders",
                                java.util.OptionalInt.of(1),
                                java.util.OptionalInt.of(1),
                                new java.util.TreeMap<>(),
                                false,
                                false));

        // Then
        assertThat(log.reply(create)).contains(new Unknown());
        assertThat(code(log, exists)).isEqualTo(Code.TOPIC_EXISTS);
    }

    @Test
    void aSkippedProposalMeansUnknownAndAnotherActivation() {
        // Given
        var log = OneNodeLog.withBroker();
        var create = log.submit(createTopic("orders", 1, 1));
        var batch = log.proposed.remove();

        // When
        log.on(
                new EntryApplied(
                        log.term, ++log.index, batch, new Skipped(SkipReason.SEQUENCE_GAP)));

        // Then
        assertThat(log.reply(create)).contains(new Unknown());
        assertThat(log.controller.isActive()).isFalse();
    }

    @Test
    void aFailedOrSkippedActivationIsTriedAgainAfterAWait() {
        // Given
        var log = new OneNodeLog(ControllerSettings.DEFAULT);
        log.on(new BecameLeader(1, ClusterImage.EMPTY));
        var lost = log.proposed.remove();

        // When
        log.on(new ProposalFailed(lost.activationId(), 0, "not ready"));

        // Then
        assertThat(log.proposed).isEmpty();
        log.tick(ControllerSettings.DEFAULT.reactivateDelayMs());
        assertThat(log.proposed).containsExactly(MetadataBatch.activation(1, 1));
        var skipped = log.proposed.remove();
        log.on(
                new EntryApplied(
                        1, ++log.index, skipped, new Skipped(SkipReason.ACTIVATION_NOT_NEWER)));
        log.tick(ControllerSettings.DEFAULT.reactivateDelayMs());
        assertThat(log.proposed).hasSize(1);
    }

    @Test
    void losingLeadershipFailsEveryCaller() {
        // Given
        var log = OneNodeLog.withBroker();
        var proposed = log.submit(createTopic("orders", 1, 1));

        // When
        log.on(new LostLeadership());

        // Then
        assertThat(log.reply(proposed)).contains(new Unknown());
        var later = log.submit(new AskRegistration(1));
        assertThat(log.reply(later)).contains(new NotController());
        log.proposed.clear();
        log.tick(10_000);
        assertThat(log.proposed).isEmpty();
    }

    @Test
    void anEntryOfAnotherTermIsNotTakenForItsOwn() {
        // Given
        var log = OneNodeLog.withBroker();
        var create = log.submit(createTopic("orders", 1, 1));

        // When: the same batch, applied in the log of another leadership
        var batch = log.proposed.peek();
        log.on(
                new EntryApplied(
                        log.term + 1,
                        ++log.index,
                        batch,
                        new Skipped(SkipReason.BATCH_OF_ANOTHER_TERM)));

        // Then
        assertThat(log.reply(create)).isEmpty();
    }

    @Test
    void boundsWhatIsInFlightAndWhatWaits() {
        // Given
        var base = ControllerSettings.DEFAULT;
        var settings =
                new ControllerSettings(
                        base.sessionTimeoutMs(),
                        base.tickMs(),
                        base.reactivateDelayMs(),
                        2,
                        base.inFlightBytesMax(),
                        3,
                        1,
                        base.partitionsPerBatchMax(),
                        base.replicasPerBrokerMax());
        var log = new OneNodeLog(settings);
        log.on(new BecameLeader(1, ClusterImage.EMPTY));
        log.commitAll();

        // When
        var ids = new long[8];
        for (var i = 0; i < ids.length; i++) {
            ids[i] = log.submit(register(i + 1, incarnation(i + 1), 0, false, directory(i + 1)));
        }

        // Then
        assertThat(log.proposed).hasSize(2);
        assertThat(code(log, ids[5])).isEqualTo(Code.BUSY);
        assertThat(code(log, ids[7])).isEqualTo(Code.BUSY);
        log.commitAll();
        for (var i = 0; i < 5; i++) {
            assertThat(log.reply(ids[i]).orElseThrow()).isInstanceOf(Committed.class);
        }
    }

    @Test
    void oneNodeRegistersIsFencedAndComesBackWithAnotherEpoch() {
        // Given
        var log = OneNodeLog.withBroker();
        log.submit(createTopic("orders", 1, 1));
        log.commitAll();
        assertThat(partition(log).leaderEpoch()).isZero();

        // When: its process is gone, and the next one registers.
        log.on(new StreamClosed(1, incarnation(1)));
        var probe = (ControllerEffect.Probe) log.effects.getLast();
        log.on(new ProbeFinished(probe.probeId(), 1, true));
        log.commitAll();

        // Then
        assertThat(log.image.brokers().broker(1).orElseThrow().isFenced()).isTrue();
        assertThat(partition(log).leader()).isEmpty();
        assertThat(partition(log).isr()).containsExactly(1);
        var next = new UUID(5, 5);
        log.submit(register(1, next, 1, true, directory(1)));
        log.commitAll();
        assertThat(partition(log).leader()).isEmpty();
        log.on(new StreamOpened(1, next));
        log.commitAll();
        assertThat(partition(log).leader()).hasValue(1);
        assertThat(partition(log).leaderEpoch()).isEqualTo(2);
    }

    @Test
    void aSilentBrokerIsFencedAtTheSessionTimeout() {
        // Given
        var log = OneNodeLog.withBroker();

        // When
        log.pass(ControllerSettings.DEFAULT.sessionTimeoutMs());
        assertThat(log.proposed).isEmpty();
        log.pass(ControllerSettings.DEFAULT.tickMs());
        log.commitAll();

        // Then
        assertThat(log.image.brokers().broker(1).orElseThrow().isFenced()).isTrue();
    }

    @Test
    void aNewControllerProbesTheBrokersOfItsImageAndFencesThoseThatRefuse() {
        // Given
        var before = OneNodeLog.withBroker();
        var log = new OneNodeLog(ControllerSettings.DEFAULT);
        log.image = before.image;
        log.index = before.index;
        log.term = 2;

        // When
        log.on(new BecameLeader(2, log.image));
        log.commitAll();

        // Then
        var probe = (ControllerEffect.Probe) log.effects.getLast();
        assertThat(probe.nodeId()).isEqualTo(1);
        log.on(new ProbeFinished(probe.probeId(), 1, true));
        log.commitAll();
        assertThat(log.image.brokers().broker(1).orElseThrow().isFenced()).isTrue();
        var gone = log.submit(new UnregisterBroker(1));
        log.commitAll();
        assertThat(log.reply(gone).orElseThrow()).isInstanceOf(Committed.class);
    }

    @Test
    void upkeepOfManyPartitionsComesInBatchesThatFit() {
        // Given
        var log = OneNodeLog.withBroker();
        for (var i = 0; i < 5; i++) {
            log.submit(createTopic("t" + i, 2_000, 1));
        }
        log.commitAll();
        assertThat(log.image.topics().partitionCount()).isEqualTo(10_000);

        // When
        log.on(new StreamClosed(1, incarnation(1)));
        var probe = (ControllerEffect.Probe) log.effects.getLast();
        log.on(new ProbeFinished(probe.probeId(), 1, true));

        // Then
        assertThat(log.proposed).hasSize(3);
        log.commitAll();
        assertThat(log.image.topics().all())
                .allSatisfy(
                        topic ->
                                assertThat(topic.partitions()).allMatch(p -> p.leader().isEmpty()));
    }

    private static dev.weir.metadata.record.PartitionState partition(OneNodeLog log) {
        return log.image.topics().topic("orders").orElseThrow().partitions().getFirst();
    }

    private static Code code(OneNodeLog log, long commandId) {
        return ((Refused) log.reply(commandId).orElseThrow()).refusal().code();
    }
}
