// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import java.util.List;
import java.util.Optional;

/// The keys of topics, brokers and the cluster as the file's reader needs them: the list itself is
/// the metadata's.
final class DynamicKeys {

    private DynamicKeys() {}

    static List<String> names() {
        return List.of();
    }

    static boolean isKnown(String name) {
        return names().contains(name);
    }

    /// Why the controller would refuse the value; empty when it would not.
    static Optional<String> problem(String name, String text) {
        return Optional.empty();
    }

    /// The keys as a Markdown table.
    static String table() {
        return "";
    }
}
