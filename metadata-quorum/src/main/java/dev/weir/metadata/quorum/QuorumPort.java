// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.QuorumException;

import org.apache.ratis.util.ExitUtils;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Tries the quorum's port before the library does, which answers a taken one with `System.exit`.
final class QuorumPort {

    private static final int BACKLOG = 1;
    private static final int ANY_PORT_MIN = 20_000;
    private static final int ANY_PORT_MAX = 32_000;
    private static final int ANY_PORT_ATTEMPTS = 100;

    private QuorumPort() {}

    /// Makes the library throw where it would end the process, and gives back the JVM's handler of
    /// uncaught exceptions, which its class initialiser replaces by one that exits.
    static void keepProcess() {
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(handler);
    }

    /// @return the port that was free a moment ago: the listener's, or any if that is 0
    /// @throws QuorumException.PortTaken it cannot be bound
    static int check(QuorumConfig.Listener listener) {
        if (listener.port() != 0) {
            return bind(listener);
        }
        // Below the range that the system hands out: such a port could be gone the next moment.
        var random = ThreadLocalRandom.current();
        for (var attempt = 1; attempt < ANY_PORT_ATTEMPTS; attempt++) {
            try {
                var port = random.nextInt(ANY_PORT_MIN, ANY_PORT_MAX);
                return bind(new QuorumConfig.Listener(listener.host(), port));
            } catch (QuorumException.PortTaken e) {
                // Another one.
            }
        }
        return bind(listener);
    }

    private static int bind(QuorumConfig.Listener listener) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                    new InetSocketAddress(InetAddress.getByName(listener.host()), listener.port()),
                    BACKLOG);
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new QuorumException.PortTaken(listener.host(), listener.port(), e);
        }
    }
}
