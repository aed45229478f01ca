// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// A failure and its causes as lines, bounded in number.
final class StackTraceLines {

    private static final int CAUSES_MAX = 10;
    private static final int FRAMES_MAX = 40;

    private StackTraceLines() {}

    /// The lines, not escaped; empty for no failure.
    static List<String> of(@Nullable IThrowableProxy failure) {
        var lines = new ArrayList<String>();
        var current = failure;
        for (var depth = 0; current != null && depth < CAUSES_MAX; depth++) {
            var message = current.getMessage();
            lines.add(
                    (depth == 0 ? "" : "caused by ")
                            + current.getClassName()
                            + (message == null ? "" : ": " + message));
            var frames = current.getStackTraceElementProxyArray();
            for (var i = 0; frames != null && i < Math.min(frames.length, FRAMES_MAX); i++) {
                lines.add("  at " + frames[i].getStackTraceElement());
            }
            current = current.getCause();
        }
        return lines;
    }
}
