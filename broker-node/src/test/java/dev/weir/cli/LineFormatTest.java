// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.record.Record;
import dev.weir.record.RecordHeader;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

class LineFormatTest {

    private static final Record RECORD =
            new Record(
                    42,
                    1_700_000_000_000L,
                    ByteBuffer.wrap("key".getBytes(UTF_8)),
                    ByteBuffer.wrap(new byte[] {0, (byte) 0xff, '%', '\\'}).asReadOnlyBuffer(),
                    List.of(RecordHeader.ofUtf8("a", "1"), new RecordHeader("b", null)));

    @Test
    void writesEveryFieldAndValuesByteForByte() throws IOException {
        assertThat(written("%p:%o:%t:%k:%v:%h%%", RECORD))
                .isEqualTo("3:42:1700000000000:key:\u0000\u00ff%\\:a=1,b=%");
    }

    @Test
    void understandsEscapes() throws IOException {
        assertThat(written("\\t\\n\\r\\0\\\\\\x41\\xff", RECORD)).isEqualTo("\t\n\r\0\\A\u00ff");
    }

    @Test
    void writesNothingForANullKeyAndLiteralsAsUtf8() throws IOException {
        var bare = new Record(0, 0, null, null, List.of());

        assertThat(written("[%k|%v|%h]", bare)).isEqualTo("[||]");
        assertThat(new String(written("\u20ac", bare).getBytes(ISO_8859_1), UTF_8))
                .isEqualTo("\u20ac");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        for (var bad : new String[] {"%x", "%", "\\q", "\\", "\\x4", "\\xzz"}) {
            assertThatThrownBy(() -> LineFormat.parse(bad))
                    .as(bad)
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageStartingWith("--format has");
        }
    }

    private static String written(String format, Record record) throws IOException {
        var out = new ByteArrayOutputStream();
        LineFormat.parse(format).write(out, 3, record);
        return out.toString(ISO_8859_1);
    }
}
