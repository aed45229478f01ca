// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller;

/// One broker process's heartbeat stream, seen from the controller. Fenced when it stays silent for
/// the session timeout (2 s), or closes.
///
/// **Threading:** any thread; nothing blocks.
public interface BrokerSession extends AutoCloseable {

    /// The broker lives. Sent every 300 ms.
    ///
    /// @param metadataOffset offset of the image that the broker acts on
    /// @param oldestWorkMs age of its oldest unfinished flush or turn, measured through its worker
    ///   pool; 0 if there is none
    void heartbeat(long metadataOffset, long oldestWorkMs);

    /// The stream ended, for whatever reason. Idempotent.
    @Override
    void close();
}
