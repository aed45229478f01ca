// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;
import dev.weir.broker.rpc.RecordSetEncoder.EncodedBatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/// Waits for all batches of one structured request and answers it once.
///
/// **Threading:** outcomes come on any threads.
final class GatheredReceipts {

    /// What became of one batch.
    private sealed interface Outcome {

        record Stored(Receipt receipt) implements Outcome {}

        record Refused(ApiError error) implements Outcome {}
    }

    private final int recordCount;
    private final List<EncodedBatch> batches;
    private final ProduceAnswer answer;
    private final @Nullable Outcome[] outcomes;
    private int missing;

    GatheredReceipts(int recordCount, List<EncodedBatch> batches, ProduceAnswer answer) {
        this.recordCount = recordCount;
        this.batches = batches;
        this.answer = answer;
        this.outcomes = new Outcome[batches.size()];
        this.missing = batches.size();
    }

    /// Hears of the batch at this index.
    BatchListener listener(int at) {
        return new BatchListener() {
            @Override
            public void stored(Receipt receipt) {
                take(at, new Outcome.Stored(receipt));
            }

            @Override
            public void refused(ApiError error) {
                take(at, new Outcome.Refused(error));
            }
        };
    }

    private void take(int at, Outcome outcome) {
        boolean complete;
        synchronized (this) {
            outcomes[at] = outcome;
            complete = --missing == 0;
        }
        if (complete) {
            answer();
        }
    }

    private void answer() {
        var receipts = new ArrayList<Receipt>(batches.size());
        var positions = new RecordPosition[recordCount];
        var stored = new TreeSet<Integer>();
        ApiError refusal = null;
        for (int at = 0; at < outcomes.length; at++) {
            var batch = batches.get(at);
            switch (Objects.requireNonNull(outcomes[at])) {
                case Outcome.Stored(Receipt receipt) -> {
                    receipts.add(receipt);
                    place(batch, receipt.getBaseOffset(), positions);
                    stored.add(batch.partition());
                }
                case Outcome.Refused(ApiError error) -> refusal = refusal == null ? error : refusal;
            }
        }
        if (refusal == null) {
            answer.accepted(receipts, Arrays.asList(positions));
        } else if (stored.isEmpty()) {
            answer.refused(refusal);
        } else {
            answer.refused(refusal.with("stored_partitions", stored));
        }
    }

    private static void place(EncodedBatch batch, long baseOffset, RecordPosition[] positions) {
        long offset = baseOffset;
        for (int index : batch.recordIndexes()) {
            positions[index] =
                    RecordPosition.newBuilder()
                            .setPartition(batch.partition())
                            .setOffset(offset++)
                            .build();
        }
    }
}
