// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.logging.Escape;

/// Text from outside, made fit for a message or a log line: [Escape#controls], and of bounded
/// length.
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
        var escaped = Escape.controls(text.substring(0, end));
        return end < text.length() ? escaped + "..." : escaped;
    }
}
