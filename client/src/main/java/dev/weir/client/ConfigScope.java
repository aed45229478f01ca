// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// What a configuration applies to.
public sealed interface ConfigScope {

    /// Every node and topic that says nothing else.
    record Cluster() implements ConfigScope {}

    /// One node.
    record Broker(int nodeId) implements ConfigScope {}

    /// One topic.
    record Topic(String name) implements ConfigScope {}
}
