// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The node's open streams, so that a stop can end them.
///
/// **Threading:** any thread.
public final class OpenStreams {

    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();

    /// One open stream.
    interface Stream {

        /// Takes nothing new, and ends as soon as everything owed is answered.
        void stop();
    }

    void add(Stream stream) {
        streams.add(stream);
    }

    void remove(Stream stream) {
        streams.remove(stream);
    }

    /// Asks every stream to end. Streams that open later must be refused by then.
    public void stopAll() {
        streams.forEach(Stream::stop);
    }

    /// Streams that have not ended.
    public int count() {
        return streams.size();
    }
}
