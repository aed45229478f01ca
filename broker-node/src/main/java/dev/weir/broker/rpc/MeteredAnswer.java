// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.Receipt;
import dev.weir.api.v1.RecordPosition;
import dev.weir.broker.metrics.RequestMeters;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Counts an answer on its way, and sees to it that there is one, and that the bytes are given back
/// once, whatever comes first.
final class MeteredAnswer implements ProduceAnswer {

    private final ProduceAnswer answer;
    private final RequestMeters meters;
    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicBoolean answered = new AtomicBoolean();

    MeteredAnswer(ProduceAnswer answer, RequestMeters meters) {
        this.answer = answer;
        this.meters = meters;
    }

    @Override
    public void bytesReleased() {
        if (released.compareAndSet(false, true)) {
            answer.bytesReleased();
        }
    }

    @Override
    public void accepted(List<Receipt> receipts, List<RecordPosition> positions) {
        bytesReleased();
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        long records = 0;
        for (var receipt : receipts) {
            records += receipt.getRecordCount();
        }
        meters.produced(records);
        answer.accepted(receipts, positions);
    }

    @Override
    public void refused(ApiError error) {
        bytesReleased();
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        meters.refused("produce", error.reason().name());
        answer.refused(error);
    }
}
