// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.DeleteTopic;
import dev.weir.metadata.record.TopicDeleted;

import java.util.List;

/// Decides [DeleteTopic].
final class TopicDeletion {

    private TopicDeletion() {}

    static Decision decide(DeleteTopic command, DecisionContext context) {
        return TopicLookup.find(command.topic(), context.image())
                .map(
                        topic ->
                                Decision.accept(
                                        List.of(new TopicDeleted(topic.topicId())),
                                        new CommandResult.TopicGone(topic.topicId(), topic.name())))
                .orElseGet(() -> TopicLookup.unknown(command.topic()));
    }
}
