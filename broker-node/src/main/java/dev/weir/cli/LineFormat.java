// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.record.Record;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// How `consume` writes a record: literal bytes and `%` fields. Keys and values are written as they
/// are, byte for byte; a null one writes nothing.
///
/// | field | what |
/// |---|---|
/// | `%k` | key |
/// | `%v` | value |
/// | `%o` | offset |
/// | `%p` | partition |
/// | `%t` | timestamp, milliseconds since the Unix epoch |
/// | `%h` | headers: `name=value`, separated by commas |
/// | `%%` | a percent sign |
///
/// Escapes are `\n`, `\t`, `\r`, `\0`, `\\` and `\xHH`.
final class LineFormat {

    /// What is written at one place of the line.
    private sealed interface Part {
        record Literal(ByteBuffer bytes) implements Part {}

        enum Field implements Part {
            KEY,
            VALUE,
            OFFSET,
            PARTITION,
            TIMESTAMP,
            HEADERS
        }
    }

    private final List<Part> parts;

    private LineFormat(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /// @throws CommandFailure when a field or an escape is unknown
    static LineFormat parse(String text) {
        var parts = new ArrayList<Part>();
        var literal = new ByteArrayOutputStream();
        var i = 0;
        while (i < text.length()) {
            var c = text.codePointAt(i);
            if (c == '%') {
                var field = field(text, i + 1);
                if (field == null) {
                    literal.write('%');
                } else {
                    endLiteral(parts, literal);
                    parts.add(field);
                }
                i += 2;
            } else if (c == '\\') {
                i = escape(text, i + 1, literal);
            } else {
                literal.writeBytes(Character.toString(c).getBytes(UTF_8));
                i += Character.charCount(c);
            }
        }
        endLiteral(parts, literal);
        return new LineFormat(parts);
    }

    /// Writes one record.
    void write(OutputStream out, int partition, Record record) throws IOException {
        for (var part : parts) {
            switch (part) {
                case Part.Literal literal -> writeBytes(out, literal.bytes());
                case Part.Field field -> writeField(out, field, partition, record);
            }
        }
    }

    private static void writeField(OutputStream out, Part.Field field, int partition, Record record)
            throws IOException {
        switch (field) {
            case KEY -> writeBytes(out, record.key());
            case VALUE -> writeBytes(out, record.value());
            case OFFSET -> writeNumber(out, record.offset());
            case PARTITION -> writeNumber(out, partition);
            case TIMESTAMP -> writeNumber(out, record.timestampMs());
            case HEADERS -> writeHeaders(out, record);
        }
    }

    private static void writeHeaders(OutputStream out, Record record) throws IOException {
        var isFirst = true;
        for (var header : record.headers()) {
            if (!isFirst) {
                out.write(',');
            }
            out.write(header.key().getBytes(UTF_8));
            out.write('=');
            writeBytes(out, header.value());
            isFirst = false;
        }
    }

    private static void writeNumber(OutputStream out, long number) throws IOException {
        out.write(Long.toString(number).getBytes(UTF_8));
    }

    private static void writeBytes(OutputStream out, @Nullable ByteBuffer bytes)
            throws IOException {
        if (bytes == null) {
            return;
        }
        if (bytes.hasArray()) {
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            var copy = new byte[bytes.remaining()];
            bytes.get(bytes.position(), copy);
            out.write(copy);
        }
    }

    /// The field, or null for a percent sign.
    private static Part.@Nullable Field field(String text, int at) {
        var letter = at < text.length() ? text.charAt(at) : ' ';
        return switch (letter) {
            case 'k' -> Part.Field.KEY;
            case 'v' -> Part.Field.VALUE;
            case 'o' -> Part.Field.OFFSET;
            case 'p' -> Part.Field.PARTITION;
            case 't' -> Part.Field.TIMESTAMP;
            case 'h' -> Part.Field.HEADERS;
            case '%' -> null;
            default ->
                    throw new CommandFailure(
                            "--format has an unknown field: use %k %v %o %p %t %h, or %% for a"
                                    + " percent sign");
        };
    }

    /// Writes what the escape stands for; returns where the text goes on.
    private static int escape(String text, int at, ByteArrayOutputStream literal) {
        var letter = at < text.length() ? text.charAt(at) : ' ';
        switch (letter) {
            case 'n' -> literal.write('\n');
            case 't' -> literal.write('\t');
            case 'r' -> literal.write('\r');
            case '0' -> literal.write(0);
            case '\\' -> literal.write('\\');
            case 'x' -> {
                literal.write(hexByte(text, at + 1));
                return at + 3;
            }
            default ->
                    throw new CommandFailure(
                            "--format has an unknown escape: use \\n \\t \\r \\0 \\\\ or \\xHH");
        }
        return at + 1;
    }

    private static int hexByte(String text, int at) {
        var value =
                at + 2 <= text.length()
                        ? Character.digit(text.charAt(at), 16) * 16
                                + Character.digit(text.charAt(at + 1), 16)
                        : -1;
        if (value < 0) {
            throw new CommandFailure("--format has \\x without two hexadecimal digits");
        }
        return value;
    }

    private static void endLiteral(List<Part> parts, ByteArrayOutputStream literal) {
        if (literal.size() > 0) {
            parts.add(new Part.Literal(ByteBuffer.wrap(literal.toByteArray())));
            literal.reset();
        }
    }
}
