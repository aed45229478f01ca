// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Hosts that are network namespaces on one switch, which is a namespace too; the test itself is on
/// the switch with an address of its own. Needs root and `ip`.
///
/// Packets are dropped without a trace: for the sender a neighbour gets a hardware address that
/// nobody has. It goes one way, so a connection may stand in one direction only, and it needs no
/// packet filter.
final class Network implements Cluster.Place, AutoCloseable {

    /// The test.
    static final int CLIENT = 254;

    private static final String SWITCH = "weir-switch";
    private static final String CLIENT_LINK = "weir-client";
    private static final String NOBODY = "02:00:00:00:00:";

    private record Edge(int from, int to) {}

    private final int hosts;
    private final Set<Edge> dropped = new HashSet<>();

    private Network(int hosts) {
        this.hosts = hosts;
    }

    /// Makes the switch and the hosts 1 to `hosts`. What is left of an earlier run is removed.
    static Network create(int hosts) {
        if (!System.getProperty("user.name").equals("root")) {
            throw new AssertionError("network namespaces need root");
        }
        var network = new Network(hosts);
        network.removeLeftovers();
        Shell.run("ip", "netns", "add", SWITCH);
        Shell.run("ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge");
        Shell.run("ip", "-n", SWITCH, "link", "set", "br0", "up");
        for (var host = 1; host <= hosts; host++) {
            var name = namespace(host);
            Shell.run("ip", "netns", "add", name);
            network.plug(host, "eth0", name);
            Shell.run("ip", "-n", name, "link", "set", "lo", "up");
            Shell.run("ip", "-n", name, "addr", "add", address(host) + "/24", "dev", "eth0");
            Shell.run("ip", "-n", name, "link", "set", "eth0", "up");
        }
        network.plug(CLIENT, CLIENT_LINK, "1");
        Shell.run("ip", "addr", "add", address(CLIENT) + "/24", "dev", CLIENT_LINK);
        Shell.run("ip", "link", "set", CLIENT_LINK, "up");
        return network;
    }

    /// A cable from the switch into a namespace, which a name or a process's number tells.
    private void plug(int host, String device, String namespace) {
        var port = "port" + host;
        Shell.run(
                "ip", "-n", SWITCH, "link", "add", port, "type", "veth", "peer", "name", device,
                "netns", namespace);
        Shell.run("ip", "-n", SWITCH, "link", "set", port, "master", "br0");
        Shell.run("ip", "-n", SWITCH, "link", "set", port, "up");
    }

    private void removeLeftovers() {
        for (var name : Shell.run("ip", "netns", "list").lines().toList()) {
            if (name.startsWith("weir-")) {
                Shell.run("ip", "netns", "del", name.split(" ", 2)[0]);
            }
        }
        // The cables of a namespace go with it, but a little later.
        Await.until(
                "the end of " + CLIENT_LINK,
                () -> !Shell.run("ip", "-o", "link").contains(CLIENT_LINK));
    }

    @Override
    public String host(int node) {
        return address(node);
    }

    @Override
    public List<String> prefix(int node) {
        return List.of("ip", "netns", "exec", namespace(node));
    }

    @Override
    public String lines(int node) {
        return "insecure.listeners=true";
    }

    /// Packets of one host to another no longer arrive. Those the other way do.
    void drop(int from, int to) {
        if (dropped.add(new Edge(from, to))) {
            neighbour(
                    from,
                    "replace",
                    address(to),
                    "lladdr",
                    NOBODY + "%02x".formatted(to),
                    "nud",
                    "permanent");
        }
    }

    /// Packets between two hosts no longer arrive.
    void dropBoth(int one, int other) {
        drop(one, other);
        drop(other, one);
    }

    /// All packets arrive again.
    void heal() {
        for (var edge : dropped) {
            neighbour(edge.from(), "del", address(edge.to()));
        }
        dropped.clear();
    }

    private static void neighbour(int host, String action, String... rest) {
        var command = new ArrayList<>(List.of("ip"));
        if (host != CLIENT) {
            command.addAll(List.of("-n", namespace(host)));
        }
        command.addAll(List.of("neigh", action));
        command.addAll(List.of(rest));
        command.addAll(List.of("dev", host == CLIENT ? CLIENT_LINK : "eth0"));
        Shell.run(command.toArray(String[]::new));
    }

    private static String namespace(int host) {
        return "weir-host-" + host;
    }

    /// Of a network that is reserved for documentation, so that it is nobody's.
    private static String address(int host) {
        return "198.51.100." + host;
    }

    @Override
    public void close() {
        for (var host = 1; host <= hosts; host++) {
            Shell.run("ip", "netns", "del", namespace(host));
        }
        Shell.run("ip", "netns", "del", SWITCH);
    }
}
