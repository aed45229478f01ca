// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// Where a node is reached.
///
/// @param host name or address, as other machines should use it
/// @param port TCP port, 1 to 65535
public record Endpoint(String host, int port) {

    /// Refuses an empty host and a port that does not exist.
    public Endpoint {
        Checks.notEmpty(host, "host");
        Checks.atLeast(1, port, "port");
        if (port > 65_535) {
            throw new IllegalArgumentException("port " + port + " > 65535");
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
