// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import java.util.TreeMap;

/// The names of one simulated directory: what is seen, and what stable storage has.
final class DirectoryNode implements Node {

    final TreeMap<String, Node> entries = new TreeMap<>();
    final TreeMap<String, Node> durable = new TreeMap<>();

    /// Shows what is durable, and nothing else.
    void publish() {
        entries.clear();
        entries.putAll(durable);
    }
}
