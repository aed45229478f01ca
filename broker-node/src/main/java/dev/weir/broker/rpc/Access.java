// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.rpc.Authorizer.Action;
import dev.weir.broker.rpc.Authorizer.Operation;
import dev.weir.broker.rpc.Authorizer.Resource;

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
