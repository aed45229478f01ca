// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;

import java.util.List;

/// Hears of one produce request.
///
/// **Threading:** any thread. Must not block.
interface ProduceAnswer {

    /// The request's bytes are not needed any more. Called once, before the answer.
    void bytesReleased();

    /// All of it was taken.
    ///
    /// @param receipts one a partition
    /// @param positions where each record of a structured request went; empty for a batch
    void accepted(List<Receipt> receipts, List<RecordPosition> positions);

    /// It was refused; what the error does not say otherwise was not stored.
    void refused(ApiError error);
}
