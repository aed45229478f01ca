// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.recovery;

import java.util.Arrays;

/// The decision table of recovery: from what a scan found in one segment to what becomes of it.
///
/// Segments are judged lowest first. The first [Action#CUT] or [Action#DROP] makes every higher
/// segment go as well: it can only hold what came later and was never proved durable.
///
/// Two things decide. Was the place durable, that is below the recovery point? Then a crash cannot
/// have done this; the disk or a person did, and nothing is given up without an operator's word.
/// Does the sidecar prove the end? Then a missing tail is seen even where the rest looks whole.
///
/// Pure: facts in, row out.
public final class SegmentRecovery {

    private SegmentRecovery() {}

    /// How the segment follows the one below it.
    public enum Gap {
        /// It begins where the one below ends, or it is the first, or the gap is explained.
        NONE,
        /// Offsets between the end of the one below and this base are missing.
        UNEXPLAINED
    }

    /// What the sidecar is worth.
    public enum SidecarState {
        /// Of this segment, without an end: it was the head.
        OPEN,
        /// Of this segment, with an end: it was sealed or cut.
        ENDED,
        /// There is none.
        MISSING,
        /// Its header is damaged.
        UNREADABLE,
        /// Of an earlier segment of this name: it contradicts batches that were never durable.
        STALE,
        /// Of another partition or data directory, and with it, likely, the batches.
        FOREIGN
    }

    /// What the batches are, below the next segment's base.
    public enum Content {
        /// Valid up to the proved end, or, without one, up to space that was never written.
        WHOLE,
        /// Valid, but they end before the place that the sidecar or the recovery point proves.
        ENDS_EARLY,
        /// Behind the valid ones lies something that is no batch.
        TORN,
        /// A batch whose CRC is wrong.
        BAD_CRC,
        /// A batch whose base offset is below the offset expected there.
        OFFSET_FALLS,
        /// A batch whose epoch is below the one before it.
        EPOCH_FALLS,
        /// Valid batches, but not those that the sidecar's chain names: a write was lost or went to
        /// another place.
        NOT_AS_WRITTEN
    }

    /// Facts about one segment.
    ///
    /// @param gap to the segment below
    /// @param sidecar what it is worth
    /// @param content what the batches are
    /// @param durable whether the first thing wrong lies below the recovery point
    /// @param empty whether no batch before the end of the valid ones
    public record Facts(
            Gap gap, SidecarState sidecar, Content content, boolean durable, boolean empty) {}

    /// What becomes of a segment.
    public enum Action {
        /// Keep it as it is.
        KEEP,
        /// Keep its batches, write its end (and where needed all) into its sidecar.
        SEAL,
        /// Keep the valid batches, write the cut into its sidecar. All higher segments go.
        CUT,
        /// Rename it away, and all higher ones.
        DROP,
        /// Do not open the log. With an operator's order, as [#CUT] (or [#DROP] if empty).
        REFUSE
    }

    /// The rows. Exactly one matches any facts.
    public enum Row {
        FOREIGN_SIDECAR(Action.REFUSE),
        DURABLE_SEGMENT_MISSING(Action.REFUSE),
        LOST_TAIL_BELOW(Action.DROP),
        WHOLE_ENDED(Action.KEEP),
        WHOLE_HEAD(Action.SEAL),
        WHOLE_SIDECAR_REBUILT(Action.SEAL),
        NEVER_WRITTEN(Action.DROP),
        DURABLE_BYTES_DAMAGED(Action.REFUSE),
        NOTHING_VALID(Action.DROP),
        CUT_LOST_TAIL(Action.CUT),
        CUT_TORN_TAIL(Action.CUT),
        CUT_BAD_CRC(Action.CUT),
        CUT_OFFSET_FALLS(Action.CUT),
        CUT_EPOCH_FALLS(Action.CUT),
        CUT_NOT_AS_WRITTEN(Action.CUT);

        private final Action action;

        Row(Action action) {
            this.action = action;
        }

        /// What becomes of the segment.
        public Action action() {
            return action;
        }

        /// Whether this row is about these facts.
        boolean matches(Facts facts) {
            var foreign = facts.sidecar() == SidecarState.FOREIGN;
            if (this == FOREIGN_SIDECAR || foreign) {
                return this == FOREIGN_SIDECAR && foreign;
            }
            var gap = facts.gap() == Gap.UNEXPLAINED;
            var whole = facts.content() == Content.WHOLE;
            return switch (this) {
                case FOREIGN_SIDECAR -> false;
                case DURABLE_SEGMENT_MISSING -> gap && facts.durable();
                case LOST_TAIL_BELOW -> gap && !facts.durable();
                case WHOLE_ENDED -> !gap && whole && keeps(facts, SidecarState.ENDED);
                case WHOLE_HEAD -> !gap && whole && keeps(facts, SidecarState.OPEN);
                case WHOLE_SIDECAR_REBUILT ->
                        !gap
                                && whole
                                && (keeps(facts, SidecarState.MISSING)
                                        || keeps(facts, SidecarState.UNREADABLE)
                                        || keeps(facts, SidecarState.STALE));
                case NEVER_WRITTEN -> !gap && whole && facts.empty();
                case DURABLE_BYTES_DAMAGED -> !gap && !whole && facts.durable();
                case NOTHING_VALID -> !gap && !whole && !facts.durable() && facts.empty();
                case CUT_LOST_TAIL -> cuts(facts, Content.ENDS_EARLY);
                case CUT_TORN_TAIL -> cuts(facts, Content.TORN);
                case CUT_BAD_CRC -> cuts(facts, Content.BAD_CRC);
                case CUT_OFFSET_FALLS -> cuts(facts, Content.OFFSET_FALLS);
                case CUT_EPOCH_FALLS -> cuts(facts, Content.EPOCH_FALLS);
                case CUT_NOT_AS_WRITTEN -> cuts(facts, Content.NOT_AS_WRITTEN);
            };
        }

        private static boolean keeps(Facts facts, SidecarState sidecar) {
            return !facts.empty() && facts.sidecar() == sidecar;
        }

        private static boolean cuts(Facts facts, Content content) {
            return facts.gap() == Gap.NONE
                    && facts.content() == content
                    && !facts.durable()
                    && !facts.empty();
        }
    }

    /// The row for these facts.
    public static Row decide(Facts facts) {
        return Arrays.stream(Row.values())
                .filter(row -> row.matches(facts))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no row for " + facts));
    }
}
