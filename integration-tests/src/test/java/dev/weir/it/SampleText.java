// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// A text that is the same at every run: words, empty lines, long lines, carriage returns, tabs,
/// zero bytes, bytes that are no UTF-8. Every line ends with a newline.
final class SampleText {

    private static final int EMPTY_EVERY = 97;
    private static final int LONG_EVERY = 5_003;
    private static final int ODD_EVERY = 41;
    private static final int LONG_BYTES = 100_000;

    private SampleText() {}

    /// @param lines how many
    static byte[] ofLines(int lines) {
        var random = new Random(20);
        var text = new ByteArrayOutputStream(lines * 60);
        for (var i = 0; i < lines; i++) {
            if (i % EMPTY_EVERY != 0) {
                line(text, random, i);
            }
            text.write('\n');
        }
        return text.toByteArray();
    }

    private static void line(ByteArrayOutputStream text, Random random, int number) {
        text.writeBytes((number + " ").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        var length = number % LONG_EVERY == 1 ? LONG_BYTES : random.nextInt(100);
        for (var i = 0; i < length; i++) {
            var odd = number % ODD_EVERY == 0;
            var c = odd ? random.nextInt(256) : 'a' + random.nextInt(26);
            text.write(c == '\n' ? '\r' : c);
        }
    }
}
