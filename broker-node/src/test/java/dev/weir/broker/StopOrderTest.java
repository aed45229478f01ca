// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.StopOrder.Part;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class StopOrderTest {

    private final List<Part> closed = new ArrayList<>();
    private final StopOrder order = new StopOrder();

    @Test
    void partsAreClosedInTheOrderOfAStopAndOnce() {
        for (var part : List.of(Part.METERS, Part.FEED, Part.MEMBERSHIP, Part.DATA)) {
            order.add(part, () -> closed.add(part));
        }

        order.closeAll();
        order.closeAll();

        assertThat(closed).containsExactly(Part.FEED, Part.DATA, Part.MEMBERSHIP, Part.METERS);
    }

    @Test
    void everyFailureIsToldAndKeepsNothingOpen() {
        var first = new IllegalStateException("the data");
        var second = new IllegalStateException("the metadata");
        order.add(Part.DATA, () -> fail(first));
        order.add(Part.METADATA, () -> fail(second));
        order.add(Part.METERS, () -> closed.add(Part.METERS));

        assertThatThrownBy(order::closeAll).isSameAs(first).hasSuppressedException(second);
        assertThat(closed).containsExactly(Part.METERS);
    }

    private static void fail(RuntimeException failure) {
        throw failure;
    }
}
