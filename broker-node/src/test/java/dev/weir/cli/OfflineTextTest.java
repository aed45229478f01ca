// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.TopicDescription;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

class OfflineTextTest {

    private static final List<Integer> NONE = List.of();

    @Test
    void aPartitionThatIsLedIsNotSpokenOf() {
        assertThat(OfflineText.of(partition(OptionalInt.of(1), List.of(1), NONE, NONE))).isEmpty();
    }

    @Test
    void oneMemberOfIsrOrElrIsEnough() {
        assertThat(OfflineText.of(offline(List.of(3), List.of(2), List.of(1))))
                .contains("partition 5 is offline: start node 2 or 3; one is enough");
    }

    @Test
    void whoIsRecoveringIsNeededWhole() {
        assertThat(OfflineText.of(offline(NONE, NONE, List.of(3, 1))))
                .contains(
                        "partition 5 is offline: start node 1 and 3; all of them are needed, the"
                                + " longest log leads");
    }

    @Test
    void withoutAnyMemberOnlyAnUncleanElectionIsLeft() {
        assertThat(OfflineText.of(offline(NONE, NONE, NONE)).orElseThrow())
                .contains("elect-leaders --unclean");
    }

    private static TopicDescription.Partition offline(
            List<Integer> isr, List<Integer> elr, List<Integer> recovering) {
        return partition(OptionalInt.empty(), isr, elr, recovering);
    }

    private static TopicDescription.Partition partition(
            OptionalInt leader, List<Integer> isr, List<Integer> elr, List<Integer> recovering) {
        return new TopicDescription.Partition(
                5,
                leader,
                "",
                3,
                9,
                List.of(1, 2, 3),
                isr,
                elr,
                recovering,
                OptionalLong.empty(),
                OptionalLong.empty());
    }
}
