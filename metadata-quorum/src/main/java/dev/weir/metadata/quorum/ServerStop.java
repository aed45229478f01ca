// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/// Stops the library's server, in bounded time.
///
/// Its own stop waits for its apply thread without a bound, and that thread never ends if an entry
/// fails in it while the stop has begun: the process would hang in its shutdown.
final class ServerStop {

    private static final Logger LOG = LoggerFactory.getLogger(ServerStop.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private ServerStop() {}

    /// Blocks until the server is down, for 15 s at most.
    static void stop(Closeable server) {
        stop(server, TIMEOUT);
    }

    /// Blocks until the server is down, or the time is over.
    ///
    /// @return whether it is down
    static boolean stop(Closeable server, Duration timeout) {
        var closing =
                Thread.ofPlatform()
                        .daemon()
                        .name("weir-quorum-stop")
                        .start(() -> closeQuietly(server));
        try {
            if (closing.join(timeout)) {
                return true;
            }
            LOG.warn(
                    "the metadata quorum did not stop within {} ms: it is left to the end of the"
                            + " process",
                    timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static void closeQuietly(Closeable server) {
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the metadata quorum did not stop cleanly: {}", e.toString());
        }
    }
}
