// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A broker process as it presented itself. One per start of the process.
///
/// @param nodeId the node's id, fixed by `format`; at least 1
/// @param incarnation random 128 bits, new at every start of the process
/// @param registrationNumber given by the controller; rises over all registrations of the cluster
/// @param clientEndpoint where clients reach it
/// @param internalEndpoint where other nodes reach it
/// @param rack failure domain for placement; empty if it has none
/// @param directories ids of its log directories, the first is the main one; never empty
/// @param weirVersionMin lowest level of `weir.version` that the build can run
/// @param weirVersionMax highest level of `weir.version` that the build can run
public record BrokerRegistration(
        int nodeId,
        UUID incarnation,
        long registrationNumber,
        Endpoint clientEndpoint,
        Endpoint internalEndpoint,
        Optional<String> rack,
        List<UUID> directories,
        int weirVersionMin,
        int weirVersionMax) {

    /// Copies the lists and refuses what no broker can be.
    public BrokerRegistration {
        Checks.atLeast(1, nodeId, "nodeId");
        Checks.atLeast(1, registrationNumber, "registrationNumber");
        directories = Checks.distinct(directories, "directories");
        if (directories.isEmpty()) {
            throw new IllegalArgumentException("a broker without a directory");
        }
        Checks.atLeast(1, weirVersionMin, "weirVersionMin");
        Checks.atLeast(weirVersionMin, weirVersionMax, "weirVersionMax");
        rack.ifPresent(name -> Checks.notEmpty(name, "rack"));
    }
}
