// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import dev.weir.metadata.config.ConfigKey;
import dev.weir.metadata.config.ConfigKeys;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The keys of topics, brokers and the cluster as the file's reader needs them: the list itself is
/// the metadata's.
final class DynamicKeys {

    private DynamicKeys() {}

    static List<String> names() {
        return ConfigKeys.all().stream().map(ConfigKey::name).toList();
    }

    static boolean isKnown(String name) {
        return ConfigKeys.key(name).isPresent();
    }

    /// Why the file cannot say this; empty when it can.
    static Optional<String> problem(String name, String text) {
        return ConfigKeys.problem(ConfigKey.Level.FILE, name, text);
    }

    /// The keys as a Markdown table.
    static String table() {
        var table =
                new StringBuilder(
                        """
                        | key | unit | default | values | set for | what it does |
                        |---|---|---|---|---|---|
                        """);
        for (var key : ConfigKeys.all()) {
            var levels =
                    key.levels().stream()
                            .sorted()
                            .map(level -> level.name().toLowerCase(Locale.ROOT))
                            .toList();
            table.append(
                    "| `%s` | %s | %s | %s | %s | %s |\n"
                            .formatted(
                                    key.name(),
                                    key.unit().isEmpty() ? "-" : key.unit(),
                                    key.isDefaultDerived()
                                            ? key.defaultText()
                                            : "`" + key.defaultText() + "`",
                                    key.range(),
                                    String.join(", ", levels),
                                    key.doc()));
        }
        return table.toString();
    }
}
