// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

/// Makes text from outside safe to print: no control character reaches a terminal or breaks a line.
public final class Escape {

    private static final int QUOTED_MAX = 300;

    private Escape() {}

    /// The text with control and format characters (bidirectional overrides are such), line
    /// separators, unassigned and private characters as `\n`, `\r`, `\t` or a backslash, `u` and
    /// four hexadecimal digits; unchanged when there are none.
    public static String controls(String text) {
        for (var i = 0; i < text.length(); i++) {
            if (isUnsafe(text.charAt(i))) {
                return escapeFrom(text, i);
            }
        }
        return text;
    }

    /// [#controls] in single quotes, cut to 300 characters: for text in error messages.
    public static String quote(String text) {
        var cut = text.length() > QUOTED_MAX ? text.substring(0, QUOTED_MAX) + "..." : text;
        return "'" + controls(cut) + "'";
    }

    /// The text as the inside of a JSON string; what [#controls] escapes is escaped here too.
    public static String json(String text) {
        var out = new StringBuilder(text.length() + 16);
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> appendJson(out, c);
            }
        }
        return out.toString();
    }

    private static void appendJson(StringBuilder out, char c) {
        if (isUnsafe(c) || Character.isSurrogate(c)) {
            // A lone surrogate has no UTF-8 form; a pair escaped by halves is valid JSON.
            out.append("\\u%04x".formatted((int) c));
        } else {
            out.append(c);
        }
    }

    private static String escapeFrom(String text, int first) {
        var out = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (var i = first; i < text.length(); i++) {
            var c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isUnsafe(c)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static boolean isUnsafe(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE ->
                    true;
            default -> false;
        };
    }
}
