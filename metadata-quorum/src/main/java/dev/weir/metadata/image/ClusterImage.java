// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import dev.weir.metadata.image.ApplyResult.Applied;
import dev.weir.metadata.image.ApplyResult.SkipReason;
import dev.weir.metadata.image.ApplyResult.Skipped;
import dev.weir.metadata.record.ControllerActivated;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;

import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.List;
import java.util.Optional;

/// The whole cluster after some entry of the metadata log. Immutable.
///
/// Two replicas that applied the same entries hold equal images, whether they began with an empty
/// image or with a snapshot.
///
/// @param offset metadata offset: Ratis index of the last applied batch; 0 for the empty image
/// @param activation who may change the image next
/// @param features feature levels, sorted by name
/// @param topics all topics
/// @param brokers all registered brokers
/// @param configs all dynamic configuration
/// @param nextProducerId lowest producer id that was never given out
public record ClusterImage(
        long offset,
        Activation activation,
        PSortedMap<String, Integer> features,
        TopicsImage topics,
        BrokersImage brokers,
        ConfigsImage configs,
        long nextProducerId) {

    /// The image before the first entry.
    public static final ClusterImage EMPTY =
            new ClusterImage(
                    0,
                    Activation.NONE,
                    TreePMap.empty(),
                    TopicsImage.EMPTY,
                    BrokersImage.EMPTY,
                    ConfigsImage.EMPTY,
                    0);

    /// Applies one log entry, or skips it if it was not decided on this image (ADR 0005).
    ///
    /// Deterministic: every replica comes to the same result. A skipped entry leaves the image, its
    /// offset included, as it is.
    ///
    /// @param batch the entry's content
    /// @param term Raft term of the log entry
    /// @param index Ratis index of the log entry; above [#offset]
    /// @throws IllegalStateException if a record contradicts the image: the node must halt
    public ApplyResult apply(MetadataBatch batch, long term, long index) {
        if (index <= offset) {
            throw new IllegalStateException("entry " + index + " applied after " + offset);
        }
        var skip = fence(batch, term);
        if (skip.isPresent()) {
            return new Skipped(skip.get());
        }
        var next =
                batch.isActivation()
                        ? new Activation(term, batch.activationId(), 0)
                        : new Activation(term, batch.activationId(), batch.seq());
        var replay = new RecordReplay(this);
        batch.records().forEach(replay::replay);
        return new Applied(replay.image(index, next), replay.delta(index, batch.records()));
    }

    /// The image after `records`, unfenced, at the same offset and activation: what a controller
    /// decides against while its proposals are on their way.
    ///
    /// @throws IllegalStateException if a record contradicts the image
    public ClusterImage with(List<MetadataRecord> records) {
        var replay = new RecordReplay(this);
        records.forEach(replay::replay);
        return replay.image(offset, activation);
    }

    private Optional<SkipReason> fence(MetadataBatch batch, long term) {
        if (batch.records().getFirst() instanceof ControllerActivated(var decidedIn, var id)) {
            if (decidedIn != term) {
                return Optional.of(SkipReason.ACTIVATION_OF_ANOTHER_TERM);
            }
            return id > activation.activationId()
                    ? Optional.empty()
                    : Optional.of(SkipReason.ACTIVATION_NOT_NEWER);
        }
        if (batch.activationId() != activation.activationId()) {
            return Optional.of(SkipReason.OTHER_ACTIVATION);
        }
        if (term != activation.term()) {
            return Optional.of(SkipReason.BATCH_OF_ANOTHER_TERM);
        }
        return batch.seq() == activation.lastSeq() + 1
                ? Optional.empty()
                : Optional.of(SkipReason.SEQUENCE_GAP);
    }
}
