// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One dynamic configuration key: it can be changed while the cluster runs.
///
/// @param name as users write it
/// @param type what values there are
/// @param unit `bytes`, `ms`, ...; empty where there is none
/// @param defaultText the value where nothing sets one; a formula in words if `isDefaultDerived`
/// @param isDefaultDerived whether the default depends on the topic's replication factor
/// @param levels where it can be set
/// @param doc what it does, for people; Markdown
public record ConfigKey(
        String name,
        Type type,
        String unit,
        String defaultText,
        boolean isDefaultDerived,
        Set<Level> levels,
        String doc) {

    /// Where a value can be set, the strongest first.
    public enum Level {
        /// For one topic.
        TOPIC,
        /// For one broker.
        BROKER,
        /// For the whole cluster.
        CLUSTER,
        /// In a broker's configuration file. Not for keys that the controller decides by.
        FILE
    }

    /// What values a key takes.
    public sealed interface Type {

        /// A whole number.
        ///
        /// @param min inclusive
        /// @param max inclusive
        record WholeNumber(long min, long max) implements Type {}

        /// One of a few words.
        ///
        /// @param words the words
        record Choice(List<String> words) implements Type {}
    }

    /// Copies the levels.
    public ConfigKey {
        levels = Set.copyOf(levels);
    }

    /// Why `text` is no value of this key.
    ///
    /// @return what it would have to be; empty if it is fine
    public Optional<String> problem(String text) {
        return isValid(text) ? Optional.empty() : Optional.of("it is not " + range());
    }

    /// The values there are, for people.
    public String range() {
        return switch (type) {
            case Type.WholeNumber(var min, var max) ->
                    "a whole number in "
                            + min
                            + ".."
                            + (max == Long.MAX_VALUE ? "2^63-1" : Long.toString(max));
            case Type.Choice(var words) -> "one of " + String.join(", ", words);
        };
    }

    private boolean isValid(String text) {
        return switch (type) {
            case Type.WholeNumber(var min, var max) -> {
                try {
                    var value = Long.parseLong(text);
                    yield min <= value && value <= max;
                } catch (NumberFormatException _) {
                    yield false;
                }
            }
            case Type.Choice(var words) -> words.contains(text);
        };
    }
}
