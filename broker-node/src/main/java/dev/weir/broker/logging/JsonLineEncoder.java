// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;

/// One JSON object a line: `time`, `level`, `logger`, `thread`, `message`, the event's own keys
/// under `fields`, and `stack` (an array of lines) where there is a stack trace.
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new StringBuilder(256);
        line.append("{\"time\":");
        string(line, event.getInstant().toString());
        field(line, "level", event.getLevel().toString());
        field(line, "logger", event.getLoggerName());
        field(line, "thread", event.getThreadName());
        field(line, "message", event.getFormattedMessage());
        fields(line, event);
        stack(line, event);
        return line.append("}\n").toString().getBytes(UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private static void fields(StringBuilder line, ILoggingEvent event) {
        var pairs = event.getKeyValuePairs();
        if (pairs == null || pairs.isEmpty()) {
            return;
        }
        line.append(",\"fields\":{");
        var separator = "";
        for (var pair : pairs) {
            line.append(separator);
            string(line, String.valueOf(pair.key));
            line.append(':');
            string(line, String.valueOf(pair.value));
            separator = ",";
        }
        line.append('}');
    }

    private static void stack(StringBuilder line, ILoggingEvent event) {
        var lines = StackTraceLines.of(event.getThrowableProxy());
        if (lines.isEmpty()) {
            return;
        }
        line.append(",\"stack\":[");
        var separator = "";
        for (var text : lines) {
            line.append(separator);
            string(line, text);
            separator = ",";
        }
        line.append(']');
    }

    private static void field(StringBuilder line, String name, String text) {
        line.append(",\"").append(name).append("\":");
        string(line, String.valueOf(text));
    }

    private static void string(StringBuilder line, String text) {
        line.append('"').append(Escape.json(text)).append('"');
    }
}
