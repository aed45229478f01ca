// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.TopicRef;
import dev.weir.metadata.controller.core.Refusal.Code;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;

import java.util.Optional;

/// Finds topics by whatever a command names them by.
final class TopicLookup {

    private TopicLookup() {}

    static Optional<TopicImage> find(TopicRef topic, ClusterImage image) {
        return switch (topic) {
            case TopicRef.ByName(var name) -> image.topics().topic(name);
            case TopicRef.ById(var topicId) -> image.topics().topic(topicId);
        };
    }

    static Decision unknown(TopicRef topic) {
        return switch (topic) {
            case TopicRef.ByName _ -> Decision.refuse(Code.UNKNOWN_TOPIC, "there is no such topic");
            case TopicRef.ById(var topicId) ->
                    Decision.refuse(Code.UNKNOWN_TOPIC_ID, "there is no topic with id " + topicId);
        };
    }
}
