// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// Decides what a principal may do. Every call of every service asks it at least once, before it
/// looks at anything else that the answer could give away.
///
/// **Threading:** any thread, network threads too: an implementation must not block.
public interface Authorizer {

    /// Allows everything.
    Authorizer ALLOW_ALL = (_, _) -> true;

    /// Whether the principal may do this.
    boolean allows(Principal principal, Action action);

    /// One thing done to one resource.
    ///
    /// @param operation what is done
    /// @param resource to what
    record Action(Operation operation, Resource resource) {}

    /// What can be done.
    enum Operation {
        /// Take records.
        READ,
        /// Add records.
        WRITE,
        /// Make a topic.
        CREATE,
        /// Remove a topic.
        DELETE,
        /// Change partitions or configs.
        ALTER,
        /// Look at metadata and configs.
        DESCRIBE
    }

    /// What it can be done to.
    sealed interface Resource {

        /// The cluster as a whole.
        record Cluster() implements Resource {}

        /// One topic, existing or not.
        ///
        /// @param name as the caller or the image has it
        record Topic(String name) implements Resource {}
    }
}
