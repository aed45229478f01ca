// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.TopicRef;
import dev.weir.broker.rpc.Authorizer.Action;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.rpc.Authorizer.Resource;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.TopicImage;

/// Asks the [Authorizer] and words its refusals.
final class Access {

    private static final Resource CLUSTER = new Resource.Cluster();

    private final Authorizer authorizer;

    Access(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /// @throws ApiException `ACL_DENIED`
    void requireCluster(Principal principal, Operation operation) {
        require(principal, operation, CLUSTER, "the cluster");
    }

    /// @param topic the name, whether or not there is such a topic
    /// @throws ApiException `ACL_DENIED`
    void requireTopic(Principal principal, Operation operation, String topic) {
        require(principal, operation, new Resource.Topic(topic), "topic " + OneLine.quote(topic));
    }

    /// The topic that a request names, if the principal may do this to it. Who may not learns
    /// nothing about what exists: a name is refused before it is looked up, and an id of a topic
    /// that is out of reach is answered like an id of none.
    ///
    /// @throws ApiException `ACL_DENIED`, `INVALID_TOPIC_NAME`, `UNKNOWN_TOPIC_OR_PARTITION`,
    ///   `UNKNOWN_TOPIC_ID`, `INVALID_REQUEST`
    TopicImage topic(ClusterImage image, TopicRef ref, Principal principal, Operation operation) {
        return switch (ref.getRefCase()) {
            case NAME -> {
                requireTopic(principal, operation, ref.getName());
                yield TopicRefs.byName(image, ref.getName());
            }
            case ID -> {
                var id = TopicRefs.id(ref.getId());
                yield image.topics()
                        .topic(id)
                        .filter(topic -> allows(principal, operation, topic.name()))
                        .orElseThrow(() -> new ApiException(TopicRefs.unknownId(id)));
            }
            case REF_NOT_SET -> throw TopicRefs.missing();
        };
    }

    private boolean allows(Principal principal, Operation operation, String topic) {
        return authorizer.allows(principal, new Action(operation, new Resource.Topic(topic)));
    }

    private void require(Principal principal, Operation operation, Resource resource, String what) {
        if (!authorizer.allows(principal, new Action(operation, resource))) {
            throw new ApiException(
                    ApiError.of(
                            ErrorReason.ACL_DENIED,
                            OneLine.quote(principal.name())
                                    + " may not "
                                    + operation
                                    + " "
                                    + what));
        }
    }
}
