// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

import dev.weir.metadata.record.Endpoint;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;

/// A probe by TCP connect.
public final class TcpBrokerProbe implements BrokerProbe {

    private static final int TIMEOUT_MS = 500;

    @Override
    public boolean isRefused(Endpoint endpoint) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), TIMEOUT_MS);
            return false;
        } catch (ConnectException e) {
            // The same class covers "timed out" and "no route", which prove nothing.
            var message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            return message.contains("refused");
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
