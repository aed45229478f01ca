// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// Text from outside, made fit for a message or a log line: one line, no control characters, no
/// bidirectional tricks, of bounded length.
public final class OneLine {

    /// Characters of a whole message.
    static final int MESSAGE_CHARS_MAX = 500;

    /// Characters of one quoted value.
    static final int VALUE_CHARS_MAX = 80;

    private OneLine() {}

    /// A client's value for use inside a message, in quotes, at most [#VALUE_CHARS_MAX] characters.
    public static String quote(String value) {
        return '"' + escape(value, VALUE_CHARS_MAX) + '"';
    }

    /// A whole message, at most [#MESSAGE_CHARS_MAX] characters.
    public static String message(String text) {
        return escape(text, MESSAGE_CHARS_MAX);
    }

    private static String escape(String text, int charsMax) {
        int end = Math.min(text.length(), charsMax);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        var escaped = new StringBuilder(end + 16);
        for (int at = 0; at < end; at++) {
            append(escaped, text.charAt(at));
        }
        if (end < text.length()) {
            escaped.append("...");
        }
        return escaped.toString();
    }

    private static void append(StringBuilder escaped, char c) {
        int type = Character.getType(c);
        boolean plain =
                type != Character.CONTROL
                        && type != Character.FORMAT
                        && type != Character.LINE_SEPARATOR
                        && type != Character.PARAGRAPH_SEPARATOR
                        && type != Character.UNASSIGNED
                        && type != Character.PRIVATE_USE;
        if (plain) {
            escaped.append(c);
        } else {
            escaped.append(String.format("\\u%04x", (int) c));
        }
    }
}
