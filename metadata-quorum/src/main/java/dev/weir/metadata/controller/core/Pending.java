// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.MetadataBatch;
import dev.weir.metadata.record.MetadataRecord;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What one activation has proposed and not yet seen applied, and the image that results from it.
///
/// **Invariant:** [#image] is the image of the activation plus all batches proposed since, in
/// order; batches apply in that order or the activation is given up. Owned by [ActiveController].
final class Pending {

    /// What a caller will be told.
    sealed interface Answer {

        /// The caller.
        long commandId();

        /// Its outcome.
        ///
        /// @param metadataOffset the image that shows it
        CommandOutcome outcome(long metadataOffset);

        /// It worked.
        record Commit(long commandId, CommandResult result) implements Answer {
            @Override
            public CommandOutcome outcome(long metadataOffset) {
                return new CommandOutcome.Committed(result, metadataOffset);
            }
        }

        /// It was refused.
        record Refuse(long commandId, Refusal refusal) implements Answer {
            @Override
            public CommandOutcome outcome(long metadataOffset) {
                return new CommandOutcome.Refused(refusal, metadataOffset);
            }
        }
    }

    /// A proposed batch.
    ///
    /// @param seq its sequence number
    /// @param encodedBytes its size
    /// @param proposers callers that it is for: at most one
    /// @param attached callers that only wait for it, because their answers rest on it
    private record InFlight(
            long seq, int encodedBytes, List<Answer> proposers, List<Answer> attached) {}

    private final ControllerSettings settings;
    private final long activationId;
    private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
    private ClusterImage image;
    private long lastSeq;
    private long inFlightBytes;

    /// @param image the image right after the activation
    Pending(ClusterImage image, ControllerSettings settings) {
        this.image = image;
        this.settings = settings;
        activationId = image.activation().activationId();
    }

    ClusterImage image() {
        return image;
    }

    long activationId() {
        return activationId;
    }

    /// Whether another batch may be proposed, whatever its size.
    boolean hasRoom() {
        return inFlight.size() < settings.inFlightBatchesMax()
                && inFlightBytes + MetadataBatch.BYTES_MAX <= settings.inFlightBytesMax();
    }

    /// The batch that would come next; proposing it is another step.
    MetadataBatch next(List<MetadataRecord> records) {
        return new MetadataBatch(activationId, lastSeq + 1, records);
    }

    /// Takes `batch` into the pending image.
    void propose(MetadataBatch batch, int encodedBytes, Answer... proposers) {
        image = image.with(batch.records());
        lastSeq = batch.seq();
        inFlightBytes += encodedBytes;
        inFlight.add(
                new InFlight(batch.seq(), encodedBytes, List.of(proposers), new ArrayList<>()));
    }

    /// Lets `answer` wait for the newest proposal.
    ///
    /// @return whether there is one; otherwise everything it rests on has applied
    boolean attach(Answer answer) {
        if (inFlight.isEmpty()) {
            return false;
        }
        inFlight.getLast().attached().add(answer);
        return true;
    }

    boolean isInFlight(long seq) {
        return !inFlight.isEmpty()
                && inFlight.getFirst().seq() <= seq
                && seq <= inFlight.getLast().seq();
    }

    /// The oldest proposal applied.
    ///
    /// @return whom to answer
    List<Answer> applied(long seq) {
        var first = inFlight.poll();
        if (first == null || first.seq() != seq) {
            throw new IllegalStateException("batch " + seq + " applied, in flight first " + first);
        }
        inFlightBytes -= first.encodedBytes();
        var answers = new ArrayList<>(first.proposers());
        answers.addAll(first.attached());
        return answers;
    }

    /// Callers whose proposals may or may not count.
    List<Long> proposed() {
        return inFlight.stream()
                .flatMap(b -> b.proposers().stream())
                .map(Answer::commandId)
                .toList();
    }

    /// Callers who proposed nothing.
    List<Long> undecided() {
        return inFlight.stream()
                .flatMap(b -> b.attached().stream())
                .map(Answer::commandId)
                .toList();
    }
}
