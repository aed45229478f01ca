// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Readers that wait for the high watermark to pass an offset, in the order they came.
///
/// Owned by the replica; not thread-safe. Bounded: [#park] refuses.
final class ParkedFetches {

    private final int countMax;
    private final LinkedHashMap<FetchTicket, Long> offsets = new LinkedHashMap<>();

    ParkedFetches(int countMax) {
        this.countMax = countMax;
    }

    boolean isEmpty() {
        return offsets.isEmpty();
    }

    /// Lets a reader wait.
    ///
    /// @param offset first offset wanted
    /// @return `false` if there is no room
    boolean park(FetchTicket ticket, long offset) {
        if (offsets.size() >= countMax) {
            return false;
        }
        offsets.put(ticket, offset);
        return true;
    }

    void unpark(FetchTicket ticket) {
        offsets.remove(ticket);
    }

    /// Takes out those that find something below the high watermark.
    List<FetchTicket> takeBelow(long highWatermark) {
        if (offsets.isEmpty()) {
            return List.of();
        }
        var woken = new ArrayList<FetchTicket>();
        offsets.entrySet()
                .removeIf(
                        parked -> {
                            var wakes = parked.getValue() < highWatermark;
                            if (wakes) {
                                woken.add(parked.getKey());
                            }
                            return wakes;
                        });
        return woken;
    }

    /// Takes out all.
    List<FetchTicket> takeAll() {
        return takeBelow(Long.MAX_VALUE);
    }
}
