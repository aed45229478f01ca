// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.WatchMetadataResponse;

import java.time.Duration;
import java.util.Optional;

/// The metadata as it changes: a snapshot or the changes after an offset, then every change once,
/// in order, also over reconnects. One thread at a time.
public interface MetadataWatch extends AutoCloseable {

    /// The next update.
    ///
    /// @param timeout how long to wait for one
    /// @return empty if none came in time
    /// @throws ClientException if the watch cannot go on, for example because its offset is no
    ///   longer kept
    Optional<WatchMetadataResponse> next(Duration timeout);

    @Override
    void close();
}
