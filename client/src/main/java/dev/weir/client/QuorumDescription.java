// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The metadata quorum, as the answering node sees it.
///
/// @param leaderId node id; empty during an election
public record QuorumDescription(
        OptionalInt leaderId,
        long term,
        long committedIndex,
        long appliedIndex,
        List<Voter> voters) {

    /// One voter.
    ///
    /// @param matchIndex up to where it is known to have the log
    public record Voter(int nodeId, String peerId, String address, OptionalLong matchIndex) {

        /// Id of its metadata directory: a replaced disk is another voter.
        public String directoryId() {
            return peerId.substring(peerId.indexOf('-') + 1);
        }
    }
}
