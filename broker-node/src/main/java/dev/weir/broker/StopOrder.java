// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;

/// What a node has to close, in the order of a stop, whatever the order in which it was opened.
///
/// **Threading:** one thread at a time.
final class StopOrder {

    private final EnumMap<Part, Runnable> closers = new EnumMap<>(Part.class);

    /// What there is to close, the first one first.
    enum Part {
        FEED,
        LISTENER,
        METRICS_ENDPOINT,
        SERVICES,
        DATA,
        PROCESS_WATCH,
        REPLICATION,
        /// While the connections of other nodes are up: their sessions go to the next controller.
        LEADERSHIP,
        /// Closed before the heartbeat ends: the controller, which then looks, is refused, and
        /// knows at once.
        INTERNAL_LISTENER,
        /// After the partitions: a fenced broker could not finish its acknowledgements.
        MEMBERSHIP,
        METADATA,
        EVENT_LOOPS,
        METERS
    }

    /// Takes note of a part that is open.
    void add(Part part, Runnable closer) {
        closers.put(part, closer);
    }

    /// Closes everything, the rest also after a failure. Once.
    ///
    /// @throws RuntimeException the first failure, with those after it
    void closeAll() {
        RuntimeException first = null;
        for (var closer : closers.values()) {
            first = close(closer, first);
        }
        closers.clear();
        if (first != null) {
            throw first;
        }
    }

    private static @Nullable RuntimeException close(
            Runnable closer, @Nullable RuntimeException first) {
        try {
            closer.run();
            return first;
        } catch (RuntimeException e) {
            if (first == null) {
                return e;
            }
            if (!first.equals(e)) {
                first.addSuppressed(e);
            }
            return first;
        }
    }
}
