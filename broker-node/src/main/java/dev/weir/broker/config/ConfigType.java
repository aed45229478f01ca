// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How the text of a value is read, and which values there are.
///
/// @param <T> what it is read to
/// @param name for the documentation: `int`, `address`, ...
/// @param range the values there are, for people
/// @param parser text to value; throws [IllegalArgumentException] with the reason
public record ConfigType<T>(String name, String range, Function<String, T> parser) {

    private static final int LIST_MAX = 100;
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /// @param min inclusive
    /// @param max inclusive
    static ConfigType<Integer> integer(int min, int max) {
        return new ConfigType<>("int", range(min, max), text -> (int) number(text, min, max));
    }

    /// @param min inclusive
    /// @param max inclusive
    static ConfigType<Long> longInteger(long min, long max) {
        return new ConfigType<>("long", range(min, max), text -> number(text, min, max));
    }

    static ConfigType<Boolean> bool() {
        return new ConfigType<>(
                "boolean",
                "`true` or `false`",
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default ->
                                    throw new IllegalArgumentException(
                                            "it is neither true nor false");
                        });
    }

    static ConfigType<HostPort> address() {
        return new ConfigType<>("address", "`HOST:PORT`, IPv6 in brackets", HostPort::parse);
    }

    static ConfigType<List<HostPort>> addresses() {
        return new ConfigType<>(
                "list",
                "`HOST:PORT`, separated by commas",
                text ->
                        Stream.of(text.split(",", -1))
                                .map(String::strip)
                                .map(HostPort::parse)
                                .toList());
    }

    static ConfigType<List<Voter>> voters() {
        return new ConfigType<>(
                "list",
                "`ID@HOST:PORT:DIRECTORY_ID`, separated by commas",
                ConfigType::parseVoters);
    }

    static ConfigType<Path> directory() {
        return new ConfigType<>("path", "a directory", ConfigType::parseDirectory);
    }

    static ConfigType<UUID> uuid() {
        var range = "a UUID: 8-4-4-4-12 hexadecimal digits";
        return new ConfigType<>(
                "uuid",
                range,
                text -> {
                    if (!UUID_TEXT.matcher(text).matches()) {
                        throw new IllegalArgumentException("it is not " + range);
                    }
                    return UUID.fromString(text);
                });
    }

    static <E extends Enum<E>> ConfigType<E> choice(Class<E> values) {
        var byName = new TreeMap<String, E>();
        for (var value : values.getEnumConstants()) {
            byName.put(value.name().toLowerCase(Locale.ROOT), value);
        }
        var range = "one of `" + String.join("`, `", byName.keySet()) + "`";
        return new ConfigType<>(
                "choice",
                range,
                text -> {
                    var value = byName.get(text);
                    if (value == null) {
                        throw new IllegalArgumentException("it is not " + range.replace("`", ""));
                    }
                    return value;
                });
    }

    /// `NAME=LEVEL` pairs, separated by commas.
    static ConfigType<Map<String, LogLevel>> levels() {
        var level = choice(LogLevel.class);
        return new ConfigType<>(
                "list",
                "`LOGGER=LEVEL`, separated by commas; " + level.range(),
                text -> {
                    var levels = new TreeMap<String, LogLevel>();
                    for (var item : items(text)) {
                        var equals = item.indexOf('=');
                        if (equals < 1) {
                            throw new IllegalArgumentException("it is not LOGGER=LEVEL");
                        }
                        levels.put(
                                item.substring(0, equals),
                                level.parser().apply(item.substring(equals + 1)));
                    }
                    return Map.copyOf(levels);
                });
    }

    private static List<Voter> parseVoters(String text) {
        var voters = new ArrayList<Voter>();
        var ids = new HashSet<Integer>();
        for (var item : items(text)) {
            var voter = Voter.parse(item);
            if (!ids.add(voter.nodeId())) {
                throw new IllegalArgumentException("node " + voter.nodeId() + " is named twice");
            }
            voters.add(voter);
        }
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("it names no voter");
        }
        for (var voter : voters) {
            if (voter.directoryId() == null && voters.size() > 1) {
                throw new IllegalArgumentException(
                        "voter %s has no directory id, which 'weir format' prints"
                                .formatted(voter));
            }
        }
        return List.copyOf(voters);
    }

    private static Path parseDirectory(String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("it is not a path");
        }
        return Path.of(text).normalize();
    }

    private static List<String> items(String text) {
        if (text.isBlank()) {
            return List.of();
        }
        var items = text.split(",", LIST_MAX + 1);
        if (items.length > LIST_MAX) {
            throw new IllegalArgumentException("it has more than " + LIST_MAX + " items");
        }
        return Arrays.stream(items).map(String::strip).toList();
    }

    private static long number(String text, long min, long max) {
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("it is not a whole number", e);
        }
        if (value < min || value > max) {
            throw new IllegalArgumentException("it is not in " + range(min, max));
        }
        return value;
    }

    private static String range(long min, long max) {
        return min + ".." + (max == Long.MAX_VALUE ? "2^63-1" : String.valueOf(max));
    }
}
