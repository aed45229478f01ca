// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.QuorumException;

import org.apache.ratis.util.ExitUtils;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Tries the quorum's port before the library does, which answers a taken one with `System.exit`.
final class QuorumPort {

    private static final int BACKLOG = 1;

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
