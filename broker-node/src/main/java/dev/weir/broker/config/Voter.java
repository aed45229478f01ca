// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

/// A member of the metadata quorum as configuration names it: `ID@HOST:PORT`.
///
/// @param nodeId the node's `node.id`
/// @param address where its quorum port listens
public record Voter(int nodeId, HostPort address) {

    /// Reads `ID@HOST:PORT`.
    ///
    /// @throws IllegalArgumentException with the reason, when it is not that
    public static Voter parse(String text) {
        var at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("a voter is written ID@HOST:PORT");
        }
        try {
            return new Voter(
                    Integer.parseInt(text.substring(0, at)),
                    HostPort.parse(text.substring(at + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a voter is written ID@HOST:PORT, ID a number", e);
        }
    }

    @Override
    public String toString() {
        return nodeId + "@" + address;
    }
}
