// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The lanes of one sender. An empty lane still knows which leader has taken its batches, so it
/// stays for a while; then it is dropped, or a sender that once had many partitions would keep them
/// all.
///
/// **Threading:** owned by the turns of its [ProduceLanes].
final class OpenLanes {

    /// How long an empty lane stays.
    static final long IDLE_MS = 1_000;

    private final Map<PartitionId, ProduceLane> lanes = new LinkedHashMap<>();
    private final Map<PartitionId, ProduceLane> busy = new LinkedHashMap<>();

    /// Since when a lane is empty, the longest first.
    private final Map<PartitionId, Long> emptySinceMs = new LinkedHashMap<>();

    void add(AwayBatch batch) {
        var lane = lanes.computeIfAbsent(batch.partition, ProduceLane::new);
        lane.add(batch);
        busy.put(batch.partition, lane);
        emptySinceMs.remove(batch.partition);
    }

    /// The lane of a partition; `null` if it has none.
    @Nullable ProduceLane find(PartitionId partition) {
        return lanes.get(partition);
    }

    /// Every lane, the empty ones included.
    Collection<ProduceLane> all() {
        return lanes.values();
    }

    /// The lanes that had batches when they were last looked at, as of now.
    List<ProduceLane> busy() {
        return List.copyOf(busy.values());
    }

    /// A lane has become empty.
    void emptied(ProduceLane lane, long nowMs) {
        if (busy.remove(lane.partition, lane)) {
            emptySinceMs.put(lane.partition, nowMs);
        }
    }

    /// Drops the lanes that have been empty for long enough.
    void dropIdle(long nowMs) {
        var oldest = emptySinceMs.entrySet().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            if (nowMs - next.getValue() < IDLE_MS) {
                return;
            }
            lanes.remove(next.getKey());
            oldest.remove();
        }
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    void clear() {
        lanes.clear();
        busy.clear();
        emptySinceMs.clear();
    }
}
