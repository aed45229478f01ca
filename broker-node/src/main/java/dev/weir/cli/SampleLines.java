// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Random;

/// A text for those who have none at hand: the same at every run.
final class SampleLines {

    private static final String[] WORDS = {
        "water",
        "runs",
        "over",
        "the",
        "weir",
        "and",
        "below",
        "it",
        "is",
        "counted",
        "drop",
        "by",
        "drop",
        "r\u00edo",
        "\u6c34",
        "\ud83d\udca7"
    };
    private static final int WORDS_MAX = 20;

    private SampleLines() {}

    /// @param lines how many, each with its number and up to 20 words
    static byte[] text(int lines) {
        var random = new Random(9400);
        var text = new StringBuilder(lines * 64);
        for (var i = 1; i <= lines; i++) {
            text.append(i);
            for (var words = random.nextInt(WORDS_MAX); words > 0; words--) {
                text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
            }
            text.append('\n');
        }
        return text.toString().getBytes(UTF_8);
    }
}
