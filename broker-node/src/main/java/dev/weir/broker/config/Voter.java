// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import org.jspecify.annotations.Nullable;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A member of the metadata quorum as configuration names it: `ID@HOST:PORT:DIRECTORY_ID`.
///
/// @param nodeId the node's `node.id`
/// @param address where the other members reach its quorum port
/// @param directoryId what `weir format` gave its metadata directory, so that a replaced disk is
///   another voter; null only for the sole voter of a quorum of one
public record Voter(int nodeId, HostPort address, @Nullable UUID directoryId) {

    private static final String FORM = "ID@HOST:PORT:DIRECTORY_ID";
    private static final Pattern DIRECTORY =
            Pattern.compile("^(.*):([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$");

    /// Refuses an id that no node has.
    public Voter {
        if (nodeId < 1) {
            throw new IllegalArgumentException("a voter is written " + FORM + ", ID at least 1");
        }
    }

    /// Reads `ID@HOST:PORT:DIRECTORY_ID`, or `ID@HOST:PORT`.
    ///
    /// @throws IllegalArgumentException with the reason, when it is neither
    public static Voter parse(String text) {
        var at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("a voter is written " + FORM);
        }
        int nodeId;
        try {
            nodeId = Integer.parseInt(text.substring(0, at));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a voter is written " + FORM + ", ID a number", e);
        }
        var place = text.substring(at + 1);
        Matcher directory = DIRECTORY.matcher(place);
        return directory.matches()
                ? new Voter(
                        nodeId,
                        HostPort.parse(directory.group(1)),
                        UUID.fromString(directory.group(2)))
                : new Voter(nodeId, HostPort.parse(place), null);
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        var place = nodeId + "@" + address;
        return directoryId == null ? place : place + ":" + directoryId;
    }
}
