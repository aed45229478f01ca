// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import dev.weir.log.segment.Segment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The segments of a log, lowest first. Immutable: the writer publishes another one at a roll, a
/// truncation, a reset.
///
/// @param all rising base offsets
record SegmentList(List<Segment> all) {

    /// Takes a copy.
    SegmentList {
        all = List.copyOf(all);
    }

    static SegmentList empty() {
        return new SegmentList(List.of());
    }

    Optional<Segment> last() {
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    SegmentList with(Segment segment) {
        var next = new ArrayList<>(all);
        next.add(segment);
        return new SegmentList(next);
    }

    SegmentList withoutLast() {
        return new SegmentList(all.subList(0, all.size() - 1));
    }

    /// Index of the last segment whose base is at or below an offset; 0 if there is none.
    int floor(long offset) {
        var low = 0;
        var high = all.size() - 1;
        while (low < high) {
            var middle = (low + high + 1) >>> 1;
            if (all.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// The segments that a flush has to do with. Only the newest can be dirty: a flush takes all.
    List<Segment> dirty() {
        var from = all.size();
        while (from > 0 && all.get(from - 1).isDirty()) {
            from--;
        }
        return all.subList(from, all.size());
    }
}
