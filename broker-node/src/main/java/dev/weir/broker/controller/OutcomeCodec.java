// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import static dev.weir.broker.controller.WireValues.id;
import static dev.weir.broker.controller.WireValues.names;
import static dev.weir.broker.controller.WireValues.natural;
import static dev.weir.broker.controller.WireValues.optional;
import static dev.weir.broker.controller.WireValues.partitions;
import static dev.weir.broker.controller.WireValues.state;

import dev.weir.api.internal.v1.CommittedOutcome;
import dev.weir.api.internal.v1.CurrentRegistrationResult;
import dev.weir.api.internal.v1.DoneResult;
import dev.weir.api.internal.v1.ElectedResult;
import dev.weir.api.internal.v1.NotControllerOutcome;
import dev.weir.api.internal.v1.PartitionNowResult;
import dev.weir.api.internal.v1.ProducerIdsResult;
import dev.weir.api.internal.v1.RefusalCode;
import dev.weir.api.internal.v1.RefusedOutcome;
import dev.weir.api.internal.v1.RegisteredResult;
import dev.weir.api.internal.v1.ShutdownProgressResult;
import dev.weir.api.internal.v1.SubmitResponse;
import dev.weir.api.internal.v1.TopicGoneResult;
import dev.weir.api.internal.v1.TopicMadeResult;
import dev.weir.api.internal.v1.UnknownOutcome;
import dev.weir.api.internal.v1.VotersNowResult;
import dev.weir.metadata.controller.GatewayOutcome;
import dev.weir.metadata.controller.core.CommandResult;
import dev.weir.metadata.controller.core.Refusal;

import java.util.OptionalInt;

/// How commands ended, to messages and back. A message of a newer build that is not understood is
/// an [IllegalArgumentException].
final class OutcomeCodec {

    private static final String CODE_PREFIX = "REFUSAL_CODE_";

    private OutcomeCodec() {}

    static SubmitResponse encode(GatewayOutcome outcome) {
        var response = SubmitResponse.newBuilder();
        return switch (outcome) {
            case GatewayOutcome.Committed(var result, var offset) ->
                    response.setCommitted(result(result).setMetadataOffset(offset)).build();
            case GatewayOutcome.Refused(var refusal, var offset) ->
                    response.setRefused(
                                    RefusedOutcome.newBuilder()
                                            .setCode(code(refusal.code()))
                                            .setMessage(refusal.message())
                                            .setMetadataOffset(offset))
                            .build();
            case GatewayOutcome.NotController(var hint) ->
                    response.setNotController(notController(hint)).build();
            case GatewayOutcome.Unknown(var reason) ->
                    response.setUnknown(UnknownOutcome.newBuilder().setReason(reason)).build();
        };
    }

    /// @throws IllegalArgumentException the message is no outcome
    static GatewayOutcome decode(SubmitResponse response) {
        return switch (response.getOutcomeCase()) {
            case COMMITTED -> {
                var committed = response.getCommitted();
                yield new GatewayOutcome.Committed(
                        result(committed),
                        natural(committed.getMetadataOffset(), "metadata offset"));
            }
            case REFUSED -> {
                var refused = response.getRefused();
                yield new GatewayOutcome.Refused(
                        new Refusal(code(refused.getCode()), refused.getMessage()),
                        natural(refused.getMetadataOffset(), "metadata offset"));
            }
            case NOT_CONTROLLER ->
                    new GatewayOutcome.NotController(hint(response.getNotController()));
            case UNKNOWN -> new GatewayOutcome.Unknown(response.getUnknown().getReason());
            case OUTCOME_NOT_SET -> throw new IllegalArgumentException("no outcome");
        };
    }

    static NotControllerOutcome notController(OptionalInt hint) {
        var message = NotControllerOutcome.newBuilder();
        hint.ifPresent(message::setLeaderHint);
        return message.build();
    }

    static OptionalInt hint(NotControllerOutcome message) {
        return optional(message.hasLeaderHint(), message.getLeaderHint());
    }

    private static CommittedOutcome.Builder result(CommandResult result) {
        var message = CommittedOutcome.newBuilder();
        return switch (result) {
            case CommandResult.Done _ -> message.setDone(DoneResult.getDefaultInstance());
            case CommandResult.TopicMade(var topicId, var name, var first, var partitions) ->
                    message.setTopicMade(
                            TopicMadeResult.newBuilder()
                                    .setTopicId(id(topicId))
                                    .setName(name)
                                    .setFirstPartition(first)
                                    .addAllPartitions(
                                            partitions.stream().map(WireValues::state).toList()));
            case CommandResult.TopicGone(var topicId, var name) ->
                    message.setTopicGone(
                            TopicGoneResult.newBuilder().setTopicId(id(topicId)).setName(name));
            case CommandResult.CurrentRegistration(var number) ->
                    message.setCurrentRegistration(
                            CurrentRegistrationResult.newBuilder().setRegistrationNumber(number));
            case CommandResult.Registered(var number) ->
                    message.setRegistered(
                            RegisteredResult.newBuilder().setRegistrationNumber(number));
            case CommandResult.ShutdownProgress(var left) ->
                    message.setShutdownProgress(
                            ShutdownProgressResult.newBuilder().setLeadershipsLeft(left));
            case CommandResult.ProducerIds(var first, var count) ->
                    message.setProducerIds(
                            ProducerIdsResult.newBuilder()
                                    .setFirstProducerId(first)
                                    .setCount(count));
            case CommandResult.PartitionNow(var state) ->
                    message.setPartitionNow(PartitionNowResult.newBuilder().setState(state(state)));
            case CommandResult.Elected(var changed) ->
                    message.setElected(ElectedResult.newBuilder().addAllChanged(names(changed)));
            case CommandResult.VotersNow(var voters) ->
                    message.setVotersNow(
                            VotersNowResult.newBuilder()
                                    .addAllVoters(voters.stream().map(WireValues::voter).toList()));
        };
    }

    private static CommandResult result(CommittedOutcome message) {
        return switch (message.getResultCase()) {
            case DONE -> new CommandResult.Done();
            case TOPIC_MADE -> {
                var made = message.getTopicMade();
                yield new CommandResult.TopicMade(
                        id(made.getTopicId()),
                        made.getName(),
                        natural(made.getFirstPartition(), "partition"),
                        made.getPartitionsList().stream().map(WireValues::state).toList());
            }
            case TOPIC_GONE ->
                    new CommandResult.TopicGone(
                            id(message.getTopicGone().getTopicId()),
                            message.getTopicGone().getName());
            case CURRENT_REGISTRATION ->
                    new CommandResult.CurrentRegistration(
                            message.getCurrentRegistration().getRegistrationNumber());
            case REGISTERED ->
                    new CommandResult.Registered(message.getRegistered().getRegistrationNumber());
            case SHUTDOWN_PROGRESS ->
                    new CommandResult.ShutdownProgress(
                            message.getShutdownProgress().getLeadershipsLeft());
            case PRODUCER_IDS ->
                    new CommandResult.ProducerIds(
                            natural(message.getProducerIds().getFirstProducerId(), "producer id"),
                            natural(message.getProducerIds().getCount(), "count"));
            case PARTITION_NOW ->
                    new CommandResult.PartitionNow(state(message.getPartitionNow().getState()));
            case ELECTED ->
                    new CommandResult.Elected(partitions(message.getElected().getChangedList()));
            case VOTERS_NOW ->
                    new CommandResult.VotersNow(
                            message.getVotersNow().getVotersList().stream()
                                    .map(WireValues::voter)
                                    .toList());
            case RESULT_NOT_SET -> throw new IllegalArgumentException("no result");
        };
    }

    /// Both sides have the same names; a test compares them.
    private static RefusalCode code(Refusal.Code code) {
        return RefusalCode.valueOf(CODE_PREFIX + code.name());
    }

    private static Refusal.Code code(RefusalCode code) {
        if (code == RefusalCode.REFUSAL_CODE_UNSPECIFIED || code == RefusalCode.UNRECOGNIZED) {
            throw new IllegalArgumentException("a refusal without a known code");
        }
        return Refusal.Code.valueOf(code.name().substring(CODE_PREFIX.length()));
    }
}
