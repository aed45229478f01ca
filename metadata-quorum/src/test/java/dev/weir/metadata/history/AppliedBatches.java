// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.history;

import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.record.FeatureLevelSet;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataBatchCodec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A run of batches as a controller would have them committed: an activation at index 1, then one
/// feature level a batch, at every second index.
public final class AppliedBatches {

    private static final long TERM = 3;

    private final List<Applied> applied = new ArrayList<>();
    private ClusterImage image = ClusterImage.EMPTY;

    /// One batch and what it led to.
    public record Applied(
            long index, long term, byte[] bytes, ClusterImage image, ImageDelta delta) {}

    /// The newest image.
    public ClusterImage image() {
        return image;
    }

    /// The image as it was at `offset`.
    public ClusterImage imageAt(long offset) {
        var found = ClusterImage.EMPTY;
        for (var each : applied) {
            if (each.index() <= offset) {
                found = each.image();
            }
        }
        return found;
    }

    /// Applies `count` further batches and gives each to `consumer`.
    public void more(int count, Consumer<Applied> consumer) {
        for (var i = 0; i < count; i++) {
            consumer.accept(next());
        }
    }

    private Applied next() {
        var index = image.offset() == 0 ? 1 : image.offset() + 2;
        var batch =
                image.offset() == 0
                        ? MetadataBatch.activation(TERM, 1)
                        : new MetadataBatch(
                                1,
                                image.activation().lastSeq() + 1,
                                List.of(new FeatureLevelSet("f", (int) index)));
        var result = (ApplyResult.Applied) image.apply(batch, TERM, index);
        image = result.image();
        var next =
                new Applied(index, TERM, MetadataBatchCodec.encode(batch), image, result.delta());
        applied.add(next);
        return next;
    }
}
