// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition;

/// Hears of one question for an offset, once. Threading as [FetchListener].
@FunctionalInterface
public interface ListOffsetsListener {

    void onOutcome(ListOffsetsOutcome outcome);
}
