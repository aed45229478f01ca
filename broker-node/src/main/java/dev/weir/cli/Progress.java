// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One line that is written over itself, from the third second on, and only where standard error is
/// a terminal: a script's log gets none of it. Used by one thread.
final class Progress {

    private static final long FIRST_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean isTerminal;
    private long nextNs;
    private boolean isShown;

    Progress(PrintWriter err) {
        this.err = err;
        this.isTerminal = isTerminal(2);
        this.nextNs = System.nanoTime() + FIRST_NS;
    }

    /// Shows the line if it is time. Cheap enough to call for each record.
    void update(Supplier<String> line) {
        if (!isTerminal) {
            return;
        }
        var now = System.nanoTime();
        if (now - nextNs < 0) {
            return;
        }
        nextNs = now + INTERVAL_NS;
        isShown = true;
        err.print(CLEAR + line.get());
        err.flush();
    }

    /// Removes the line; what follows is printed in its place.
    void done() {
        if (isShown) {
            err.print(CLEAR);
            err.flush();
            isShown = false;
        }
    }

    /// Whether a descriptor of this process is a terminal.
    static boolean isTerminal(int descriptor) {
        try {
            var target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(descriptor)))
                            .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
