// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OneLineTest {

    @Test
    void escapesWhatWouldBreakALineOrDeceiveATerminal() {
        assertThat(OneLine.message("a\r\nb\u001b[31m\u0000\u2028\u202e"))
                .isEqualTo("a\\r\\nb\\u001b[31m\\u0000\\u2028\\u202e");
    }

    @Test
    void keepsOrdinaryLettersOfAnyScript() {
        assertThat(OneLine.message("gr\u00fc\u00df \u4e16\u754c \ud83c\udf0d"))
                .isEqualTo("gr\u00fc\u00df \u4e16\u754c \ud83c\udf0d");
    }

    @Test
    void shortensAndNeverSplitsACharacter() {
        assertThat(OneLine.quote("x".repeat(300))).hasSize(OneLine.VALUE_CHARS_MAX + 5);
        var atTheCut = "x".repeat(OneLine.VALUE_CHARS_MAX - 1) + "\ud83c\udf0d" + "y";
        assertThat(OneLine.quote(atTheCut)).endsWith("x...\"");
    }
}
