// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Receipt;

/// Hears of one batch.
///
/// **Threading:** any thread. Must not block.
interface BatchListener {

    /// The bytes are not needed any more. Called once, at the latest right before the answer.
    default void bytesReleased() {}

    /// It is stored, here or on another node.
    void stored(Receipt receipt);

    /// It was refused; what the error does not say otherwise was not stored.
    void refused(ApiError error);
}
