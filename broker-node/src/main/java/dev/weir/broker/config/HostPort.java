// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import java.net.InetSocketAddress;
import java.util.Locale;

/// A TCP address as it is written in configuration: `HOST:PORT`, an IPv6 host in brackets.
///
/// @param host name or address, without brackets
/// @param port 1 to 65535
public record HostPort(String host, int port) {

    private static final int PORT_MAX = 65_535;
    private static final int HOST_LENGTH_MAX = 253;

    /// Refuses what no socket can be bound to.
    public HostPort {
        if (host.isEmpty() || host.length() > HOST_LENGTH_MAX) {
            throw new IllegalArgumentException("the host is empty or too long");
        }
        if (!host.chars().allMatch(HostPort::isHostCharacter)) {
            throw new IllegalArgumentException("the host has a character that no host has");
        }
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("the port is not in 1.." + PORT_MAX);
        }
    }

    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    ///
    /// @throws IllegalArgumentException with the reason, when it is neither
    public static HostPort parse(String text) {
        var colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("it is not HOST:PORT");
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 host needs brackets: [::1]:9400");
        }
        var digits = text.substring(colon + 1);
        if (digits.isEmpty()
                || digits.length() > 5
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("the port is not a number in 1.." + PORT_MAX);
        }
        return new HostPort(host, Integer.parseInt(digits));
    }

    private static boolean isHostCharacter(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '.'
                || c == '-'
                || c == '_'
                || c == ':'
                || c == '%';
    }

    /// Whether the host is written as a loopback address or `localhost`. A name is not resolved:
    /// what a resolver answers tomorrow is no reason to run without TLS today.
    public boolean isLoopback() {
        var lower = host.toLowerCase(Locale.ROOT);
        return lower.equals("localhost")
                || lower.equals("::1")
                || lower.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    /// The address, resolved now.
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
