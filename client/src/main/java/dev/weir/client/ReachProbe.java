// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;

/// Finds out whether packets to a node arrive, by a connection of its own.
final class ReachProbe {

    private static final int TIMEOUT_MS = 300;

    private ReachProbe() {}

    /// Blocks for up to 300 ms. A refused connection is an answer: the host is there, and the
    /// connections that stand hear of a process that ended by themselves.
    ///
    /// @param address `HOST:PORT`
    /// @return whether nothing came back; an address that means nothing proves nothing
    static boolean isOutOfReach(String address) {
        int colon = address.lastIndexOf(':');
        var host = address.substring(0, colon).replaceAll("^\\[|]$", "");
        int port = Integer.parseInt(address.substring(colon + 1));
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
            return false;
        } catch (SocketTimeoutException | NoRouteToHostException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
