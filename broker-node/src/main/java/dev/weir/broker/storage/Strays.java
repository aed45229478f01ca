// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.Clocks;
import dev.weir.log.LogDirectory;
import dev.weir.log.LogException;
import dev.weir.log.PartitionId;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Partitions that have files here, but no place in the metadata: their topic was deleted, or they
/// moved away, while this node was down.
///
/// They are removed only under an image at least as new as this incarnation's registration, and
/// [#PATIENCE_MS] later: a wrong image must not cost data before a person can have seen it.
///
/// **Threading:** any thread; calls take turns.
final class Strays {

    /// From the first sight to the removal: 24 h, monotonic, in milliseconds.
    static final long PATIENCE_MS = TimeUnit.HOURS.toMillis(24);

    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);

    private final LogDirectory directory;
    private final Clocks clocks;
    private final HashMap<PartitionId, Long> firstSeenMs = new HashMap<>();
    private boolean looked;

    Strays(LogDirectory directory, Clocks clocks) {
        this.directory = directory;
        this.clocks = clocks;
    }

    /// An image was applied that counts.
    ///
    /// @param assigned all partitions that it gives this node
    synchronized void seen(Set<PartitionId> assigned) {
        if (!looked) {
            looked = true;
            for (var id : directory.partitions()) {
                if (!assigned.contains(id)) {
                    firstSeenMs.put(id, clocks.monotonicMs());
                    LOG.atWarn()
                            .addKeyValue("partition", id)
                            .log("Files of a partition that is not this node's; kept for 24 h");
                }
            }
        }
        firstSeenMs.keySet().removeAll(assigned);
    }

    /// Removes those whose time has come. Waits for the disk.
    synchronized void removeDue() {
        var nowMs = clocks.monotonicMs();
        firstSeenMs
                .entrySet()
                .removeIf(
                        stray -> nowMs - stray.getValue() >= PATIENCE_MS && remove(stray.getKey()));
    }

    private boolean remove(PartitionId id) {
        try {
            directory.delete(id);
            LOG.atInfo().addKeyValue("partition", id).log("Stray files removed");
            return true;
        } catch (LogException e) {
            LOG.atWarn().addKeyValue("partition", id).setCause(e).log("Stray files stay");
            return false;
        }
    }
}
