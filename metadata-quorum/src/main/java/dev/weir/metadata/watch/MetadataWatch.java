// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

import java.util.Optional;

/// One watcher's queue of [WatchEvent]s, made to stand behind a flow-controlled stream: the owner
/// polls while the stream takes more, and is signalled when there is something to poll again.
///
/// **Threading:** [#poll] by one thread at a time; [#close] by any.
public interface MetadataWatch extends AutoCloseable {

    /// The next event, if there is one now. After [WatchEvent.Dropped] always empty.
    Optional<WatchEvent> poll();

    /// Ends the watch. Idempotent.
    @Override
    void close();
}
