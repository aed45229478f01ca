// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// Compares what was acknowledged to one producer with what a partition holds afterwards.
///
/// The producer numbers its records 0, 1, 2, ... in the order in which it sends them.
final class ReadBack {

    private final Map<Integer, Long> acknowledged;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Long> found = new HashMap<>();
    private int duplicates;
    private int disorder;
    private int last = -1;

    /// @param acknowledged each acknowledged record's offset, by number
    ReadBack(Map<Integer, Long> acknowledged) {
        this.acknowledged = Map.copyOf(acknowledged);
    }

    /// The next record that the partition holds.
    void read(long offset, int number) {
        if (seen.get(number)) {
            duplicates++;
            return;
        }
        seen.set(number);
        found.put(number, offset);
        if (number < last) {
            disorder++;
        }
        last = Math.max(last, number);
    }

    /// Acknowledged records that are not where the acknowledgement said.
    int lost() {
        var lost = 0;
        for (var record : acknowledged.entrySet()) {
            if (!record.getValue().equals(found.get(record.getKey()))) {
                lost++;
            }
        }
        return lost;
    }

    /// Records that are there again.
    int duplicates() {
        return duplicates;
    }

    /// Records behind one that was sent later.
    int disorder() {
        return disorder;
    }

    /// Records read, each counted once.
    int distinct() {
        return found.size();
    }
}
