// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

class LineReaderTest {

    @Test
    void everyByteButTheNewlineIsPartOfItsLine() throws IOException {
        assertThat(lines("a\r\n\n\u0000\u00ff \t\nb\n"))
                .containsExactly("a\r", "", "\u0000\u00ff \t", "b");
    }

    @Test
    void bytesAfterTheLastNewlineAreALineAndTheReaderKnowsIt() throws IOException {
        var reader = reader("a\nb", 10);

        assertThat(reader.next()).isNotNull();
        assertThat(reader.isLastLineOpen()).isFalse();
        assertThat(reader.next()).isEqualTo(new byte[] {'b'});
        assertThat(reader.next()).isNull();
        assertThat(reader.isLastLineOpen()).isTrue();
        assertThat(reader.lines()).isEqualTo(2);
    }

    @Test
    void anEmptyInputHasNoLine() throws IOException {
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
    }

    @Test
    void aLineMayCrossManyReads() throws IOException {
        var text = "x".repeat(1000) + "\n" + "y".repeat(999) + "\n";
        var trickle =
                new ByteArrayInputStream(text.getBytes(ISO_8859_1)) {
                    @Override
                    public synchronized int read(byte[] to, int offset, int length) {
                        return super.read(to, offset, Math.min(7, length));
                    }
                };

        assertThat(lines(new LineReader(trickle, 1000)))
                .containsExactly("x".repeat(1000), "y".repeat(999));
    }

    @Test
    void aLineAboveTheLimitIsRefusedWithItsNumber() throws IOException {
        var reader = reader("ok\n" + "x".repeat(11) + "\n", 10);
        reader.next();

        assertThatThrownBy(reader::next)
                .isInstanceOf(CommandFailure.class)
                .hasMessageStartingWith("line 2 is longer than 10 bytes");
    }

    private static List<String> lines(String text) throws IOException {
        return lines(reader(text, 1000));
    }

    private static List<String> lines(LineReader reader) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, ISO_8859_1));
        }
        return lines;
    }

    private static LineReader reader(String text, int max) {
        InputStream in = new ByteArrayInputStream(text.getBytes(ISO_8859_1));
        return new LineReader(in, max);
    }
}
