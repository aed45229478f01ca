// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.Optional;

/// The rules that topic names keep (Kafka's).
public final class TopicName {

    /// Longest name, in characters; leaves room for a suffix in a file name of 255.
    public static final int LENGTH_MAX = 249;

    private static final String INTERNAL_PREFIX = "__";

    private TopicName() {}

    /// Why `name` is no topic name.
    ///
    /// @return one sentence without the name in full; empty if the name is fine
    public static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("a topic name is empty");
        }
        if (name.length() > LENGTH_MAX) {
            return Optional.of(
                    "a topic name has " + name.length() + " characters, at most " + LENGTH_MAX);
        }
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("a topic name is '" + name + "'");
        }
        for (var i = 0; i < name.length(); i++) {
            if (!isAllowed(name.charAt(i))) {
                return Optional.of(
                        "a topic name has a character other than a-z, A-Z, 0-9, '.', '_' and '-'"
                                + " at position "
                                + i);
            }
        }
        return Optional.empty();
    }

    /// Whether `name` belongs to Weir itself; such topics are not created by clients.
    public static boolean isInternal(String name) {
        return name.startsWith(INTERNAL_PREFIX);
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
