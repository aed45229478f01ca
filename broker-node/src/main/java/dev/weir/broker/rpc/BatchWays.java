// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.log.PartitionId;

import java.util.HashMap;
import java.util.Map;

/// Which way the batches of one sender go, by partition: to the replica here, or away. Batches that
/// took one way may be overtaken by those that take the other, so a batch takes the way of those
/// before it.
///
/// **Here.** What the replica here does not take comes back and goes away after all. So a batch may
/// go here only where none is away, and while others are here only under the epoch that they named:
/// a replica that refused them refuses it too, whatever it has become since.
///
/// **Away.** Batches wait until none is here any more: those that come back go first.
///
/// **Threading:** any thread.
final class BatchWays {

    private static final class Batches {
        int here;
        int epoch;
        int away;
    }

    private final Map<PartitionId, Batches> byPartition = new HashMap<>();

    /// A batch is to go here.
    ///
    /// @return whether it may, and is counted
    synchronized boolean beginHere(PartitionId partition, int epoch) {
        var batches = byPartition.computeIfAbsent(partition, _ -> new Batches());
        if (batches.away > 0 || (batches.here > 0 && batches.epoch != epoch)) {
            return false;
        }
        batches.here++;
        batches.epoch = epoch;
        return true;
    }

    /// A batch is here no more, or for good.
    ///
    /// @return whether there are batches that may go away now
    synchronized boolean endHere(PartitionId partition) {
        var batches = byPartition.get(partition);
        if (batches == null) {
            return false;
        }
        batches.here--;
        forgetIfEmpty(partition, batches);
        return batches.here == 0 && batches.away > 0;
    }

    /// Whether batches that go away have to wait.
    synchronized boolean isHere(PartitionId partition) {
        var batches = byPartition.get(partition);
        return batches != null && batches.here > 0;
    }

    /// A batch goes away.
    synchronized void beginAway(PartitionId partition) {
        byPartition.computeIfAbsent(partition, _ -> new Batches()).away++;
    }

    /// A batch that went away is answered.
    synchronized void endAway(PartitionId partition) {
        var batches = byPartition.get(partition);
        if (batches != null) {
            batches.away--;
            forgetIfEmpty(partition, batches);
        }
    }

    private void forgetIfEmpty(PartitionId partition, Batches batches) {
        if (batches.here == 0 && batches.away == 0) {
            byPartition.remove(partition);
        }
    }
}
