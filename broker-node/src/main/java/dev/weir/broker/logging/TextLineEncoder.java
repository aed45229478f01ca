// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// `2026-01-31T12:00:00.000Z INFO dev.weir.X - message key=value`, then stack trace lines that
/// begin with a tab. No text from an event can begin a line: its control characters are escaped.
final class TextLineEncoder extends EncoderBase<ILoggingEvent> {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new StringBuilder(160);
        TIME.formatTo(event.getInstant(), line);
        line.append(' ').append(event.getLevel());
        line.append(event.getLevel().toString().length() < 5 ? "  " : " ");
        line.append(Escape.controls(event.getLoggerName())).append(" - ");
        line.append(Escape.controls(String.valueOf(event.getFormattedMessage())));
        var pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (var pair : pairs) {
                line.append(' ').append(Escape.controls(String.valueOf(pair.key))).append('=');
                line.append(Escape.controls(String.valueOf(pair.value)));
            }
        }
        line.append('\n');
        for (var traceLine : StackTraceLines.of(event.getThrowableProxy())) {
            line.append('\t').append(Escape.controls(traceLine)).append('\n');
        }
        return line.toString().getBytes(UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
