// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import dev.weir.broker.logging.Escape;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The text form: `key=value` lines in UTF-8, comments from `#` at a line's start, blank lines.
///
/// Stricter than `java.util.Properties`, which it resembles: no escapes, no continued lines, no
/// other separators, and a key only once, so that what an operator reads is what the node gets.
final class ConfigFile {

    private static final long SIZE_MAX = 1024 * 1024;

    private ConfigFile() {}

    /// @param text the value as written, without blanks around it
    /// @param line counted from 1
    record Entry(String text, int line) {}

    /// Reads the file's entries in their order.
    ///
    /// @throws ConfigException when it cannot be read or a line is malformed
    static Map<String, Entry> read(Path file) {
        try {
            if (Files.size(file) > SIZE_MAX) {
                throw new ConfigException(
                        at(file) + ": larger than " + SIZE_MAX + " bytes: name another");
            }
            return parse(Files.readString(file), file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(at(file) + ": not UTF-8 text: save it as UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new ConfigException(at(file) + ": there is no such file: name another", e);
        } catch (IOException e) {
            throw new ConfigException(
                    at(file)
                            + ": cannot be read: "
                            + Escape.controls(e.toString())
                            + ": check its permissions",
                    e);
        }
    }

    private static Map<String, Entry> parse(String content, Path file) {
        var entries = new LinkedHashMap<String, Entry>();
        var number = 0;
        for (var line : content.lines().toList()) {
            number++;
            var text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            var equals = text.indexOf('=');
            if (equals < 1) {
                throw new ConfigException(
                        at(file, number)
                                + ": not a line of the form key=value: correct it, or put # before"
                                + " it");
            }
            var key = text.substring(0, equals).strip();
            var earlier = entries.get(key);
            if (earlier != null) {
                throw new ConfigException(
                        "%s: %s is set twice, first in line %d: keep one of them"
                                .formatted(at(file, number), Escape.quote(key), earlier.line()));
            }
            entries.put(key, new Entry(text.substring(equals + 1).strip(), number));
        }
        return entries;
    }

    static String at(Path file) {
        return Escape.controls(file.toString());
    }

    static String at(Path file, int line) {
        return at(file) + ":" + line;
    }
}
