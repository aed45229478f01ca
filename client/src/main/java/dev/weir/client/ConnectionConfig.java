// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// How to reach a cluster.
///
/// @param bootstrap `HOST:PORT` of one node or more; one is enough
/// @param requestTimeout how long one call may go unanswered before it is given up or, where that
///   is safe, sent again
/// @param keepAlive silence on a connection after which it is probed, at least 10 s; sent data that
///   a host does not take ends its connection much sooner, whatever stands here
/// @param connectTimeout how long a connection may take to come about
/// @param routing whether leaders are connected to
public record ConnectionConfig(
        List<String> bootstrap,
        Duration requestTimeout,
        Duration keepAlive,
        Duration connectTimeout,
        LeaderRouting routing) {

    /// Where a node listens unless told otherwise.
    public static final String DEFAULT_BOOTSTRAP = "127.0.0.1:9400";

    private static final Pattern ADDRESS =
            Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\s:,]+):([0-9]{1,5})");

    /// Refuses what is no list of addresses.
    public ConnectionConfig {
        bootstrap = List.copyOf(bootstrap);
        if (bootstrap.isEmpty()) {
            throw new IllegalArgumentException("no bootstrap address");
        }
        for (var address : bootstrap) {
            var matcher = ADDRESS.matcher(address);
            if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
                throw new IllegalArgumentException(
                        "bootstrap address '" + address + "' is not HOST:PORT");
            }
        }
        for (var timeout : List.of(requestTimeout, keepAlive, connectTimeout)) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("timeouts must be positive");
            }
        }
    }

    /// Addresses separated by commas; requests time out after 30 s, silence is probed after 10 s, a
    /// connection comes about in 500 ms or not at all, leaders are connected to.
    public static ConnectionConfig of(String bootstrap) {
        var addresses =
                Pattern.compile(",")
                        .splitAsStream(bootstrap)
                        .map(String::strip)
                        .filter(address -> !address.isEmpty())
                        .toList();
        return new ConnectionConfig(
                addresses,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                LeaderRouting.DIRECT);
    }

    /// The same with another request timeout.
    public ConnectionConfig withRequestTimeout(Duration timeout) {
        return new ConnectionConfig(bootstrap, timeout, keepAlive, connectTimeout, routing);
    }

    /// The same with another way to leaders.
    public ConnectionConfig withRouting(LeaderRouting newRouting) {
        return new ConnectionConfig(
                bootstrap, requestTimeout, keepAlive, connectTimeout, newRouting);
    }
}
