// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.core.ProduceOutcome;

import org.junit.jupiter.api.Test;

import java.util.OptionalInt;

class PartitionErrorsTest {

    private final PartitionErrors errors = new PartitionErrors("orders", 0, OptionalInt.empty());

    @Test
    void aCloseIsAnUnknownOutcomeOnlyWhereSomethingMayBeStored() {
        assertThat(errors.of(new ProduceOutcome.Closed(true)).reason())
                .isEqualTo(ErrorReason.OUTCOME_UNKNOWN);

        assertThat(errors.of(new ProduceOutcome.Closed(false)).reason())
                .isEqualTo(ErrorReason.NO_LEADER);
        assertThat(errors.of(new FetchOutcome.Closed()).reason()).isEqualTo(ErrorReason.NO_LEADER);
        assertThat(errors.of(new ListOffsetsOutcome.Closed()).reason())
                .isEqualTo(ErrorReason.NO_LEADER);
    }
}
