// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.recovery.SegmentRecovery.Action;
import dev.weir.log.recovery.SegmentRecovery.Content;
import dev.weir.log.recovery.SegmentRecovery.Facts;
import dev.weir.log.recovery.SegmentRecovery.Gap;
import dev.weir.log.recovery.SegmentRecovery.Row;
import dev.weir.log.recovery.SegmentRecovery.SidecarState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

class SegmentRecoveryTest {

    @Test
    void exactlyOneRowMatchesAnyFacts() {
        for (var facts : allFacts()) {
            assertThat(Arrays.stream(Row.values()).filter(row -> row.matches(facts)))
                    .as("%s", facts)
                    .hasSize(1);
        }
    }

    @Test
    void everyRowIsReachable() {
        var reached = EnumSet.noneOf(Row.class);
        allFacts().forEach(facts -> reached.add(SegmentRecovery.decide(facts)));

        assertThat(reached).containsExactlyInAnyOrder(Row.values());
    }

    @Test
    void givesNothingUpThatWasDurable() {
        for (var facts : allFacts()) {
            if (facts.durable() && facts.content() != Content.WHOLE) {
                assertThat(SegmentRecovery.decide(facts).action())
                        .as("%s", facts)
                        .isEqualTo(Action.REFUSE);
            }
        }
    }

    @Test
    void keepsNothingBehindAHoleInTheLog() {
        for (var facts : allFacts()) {
            if (facts.gap() == Gap.UNEXPLAINED) {
                assertThat(SegmentRecovery.decide(facts).action())
                        .as("%s", facts)
                        .isIn(Action.DROP, Action.REFUSE);
            }
        }
    }

    @Test
    void keepsNoSegmentWithoutBatches() {
        for (var facts : allFacts()) {
            if (facts.empty()) {
                assertThat(SegmentRecovery.decide(facts).action())
                        .as("%s", facts)
                        .isIn(Action.DROP, Action.REFUSE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // gap, sidecar, content, durable, empty, row, action
        "NONE, ENDED, WHOLE, false, false, WHOLE_ENDED, KEEP",
        "NONE, OPEN, WHOLE, false, false, WHOLE_HEAD, SEAL",
        "NONE, MISSING, WHOLE, true, false, WHOLE_SIDECAR_REBUILT, SEAL",
        "NONE, UNREADABLE, WHOLE, true, false, WHOLE_SIDECAR_REBUILT, SEAL",
        "NONE, STALE, WHOLE, false, false, WHOLE_SIDECAR_REBUILT, SEAL",
        "NONE, FOREIGN, WHOLE, false, false, FOREIGN_SIDECAR, REFUSE",
        "NONE, FOREIGN, TORN, false, true, FOREIGN_SIDECAR, REFUSE",
        "UNEXPLAINED, ENDED, WHOLE, true, false, DURABLE_SEGMENT_MISSING, REFUSE",
        "UNEXPLAINED, OPEN, WHOLE, false, false, LOST_TAIL_BELOW, DROP",
        "NONE, OPEN, WHOLE, false, true, NEVER_WRITTEN, DROP",
        "NONE, OPEN, BAD_CRC, true, false, DURABLE_BYTES_DAMAGED, REFUSE",
        "NONE, ENDED, ENDS_EARLY, true, false, DURABLE_BYTES_DAMAGED, REFUSE",
        "NONE, OPEN, TORN, false, true, NOTHING_VALID, DROP",
        "NONE, ENDED, ENDS_EARLY, false, false, CUT_LOST_TAIL, CUT",
        "NONE, OPEN, TORN, false, false, CUT_TORN_TAIL, CUT",
        "NONE, OPEN, BAD_CRC, false, false, CUT_BAD_CRC, CUT",
        "NONE, MISSING, OFFSET_FALLS, false, false, CUT_OFFSET_FALLS, CUT",
        "NONE, STALE, EPOCH_FALLS, false, false, CUT_EPOCH_FALLS, CUT",
        "NONE, OPEN, NOT_AS_WRITTEN, false, false, CUT_NOT_AS_WRITTEN, CUT",
    })
    void decides(
            Gap gap,
            SidecarState sidecar,
            Content content,
            boolean durable,
            boolean empty,
            Row row,
            Action action) {
        var decided = SegmentRecovery.decide(new Facts(gap, sidecar, content, durable, empty));

        assertThat(decided).isEqualTo(row);
        assertThat(decided.action()).isEqualTo(action);
    }

    private static List<Facts> allFacts() {
        var all = new ArrayList<Facts>();
        for (var gap : Gap.values()) {
            for (var sidecar : SidecarState.values()) {
                for (var content : Content.values()) {
                    for (var durable : new boolean[] {false, true}) {
                        for (var empty : new boolean[] {false, true}) {
                            all.add(new Facts(gap, sidecar, content, durable, empty));
                        }
                    }
                }
            }
        }
        return all;
    }
}
