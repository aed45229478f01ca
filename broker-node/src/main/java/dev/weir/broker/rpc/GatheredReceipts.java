// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;
import dev.weir.api.v1.RecordSet;
import dev.weir.broker.partition.ProduceListener;
import dev.weir.broker.partition.core.ProduceOutcome;
import dev.weir.broker.rpc.RecordSetEncoder.EncodedBatch;
import dev.weir.metadata.image.TopicImage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Waits for all batches of one structured request and answers it once.
///
/// **Threading:** outcomes come on any threads.
final class GatheredReceipts {

    private final TopicImage topic;
    private final OptionalInt leaderEpoch;
    private final boolean atLeastOnce;
    private final int recordCount;
    private final List<EncodedBatch> batches;
    private final ProduceAnswer answer;
    private final ProduceOutcome[] outcomes;
    private int missing;

    GatheredReceipts(
            TopicImage topic,
            OptionalInt leaderEpoch,
            RecordSet records,
            List<EncodedBatch> batches,
            ProduceAnswer answer) {
        this.topic = topic;
        this.leaderEpoch = leaderEpoch;
        this.atLeastOnce = !records.hasSequence();
        this.recordCount = records.getRecordsCount();
        this.batches = batches;
        this.answer = answer;
        this.outcomes = new ProduceOutcome[batches.size()];
        this.missing = batches.size();
    }

    /// Hears of the batch at this index.
    ProduceListener listener(int at) {
        return outcome -> {
            boolean complete;
            synchronized (this) {
                outcomes[at] = outcome;
                complete = --missing == 0;
            }
            if (complete) {
                answer();
            }
        };
    }

    private void answer() {
        var receipts = new ArrayList<Receipt>(batches.size());
        var positions = new RecordPosition[recordCount];
        var stored = new TreeSet<Integer>();
        ApiError refusal = null;
        for (int at = 0; at < outcomes.length; at++) {
            var batch = batches.get(at);
            if (outcomes[at] instanceof ProduceOutcome.Accepted(var receipt)) {
                receipts.addAll(Receipts.of(topic, batch.partition(), receipt, atLeastOnce));
                place(batch, receipt.baseOffset(), positions);
                stored.add(batch.partition());
            } else if (refusal == null) {
                var errors = new PartitionErrors(topic.name(), batch.partition(), leaderEpoch);
                refusal = errors.of(Objects.requireNonNull(outcomes[at]));
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
