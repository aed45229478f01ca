// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.producer;

import dev.weir.log.checkpoint.Frame;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Optional;

/// The producers that wrote into one partition, each with its epoch and its last five batches.
///
/// Rules (KIP-98, and KAFKA-19880 for the first batch):
/// - A producer, and each new epoch of it, begins at sequence 0. Any other first sequence is a gap.
/// - Within an epoch sequences follow each other; after [Integer#MAX_VALUE] comes 0.
/// - A batch equal in epoch, base and last sequence to one of the last five is a duplicate. Five is
///   also the most batches a producer may have unanswered, so every retry is recognised.
/// - State that was idle for 24 h is gone. So is, above [#producersMax], the longest idle
///   producer's.
///
/// **Threading:** owned by the partition's writer.
///
/// **Invariant:** holds exactly what the batches below [#mapEndOffset] say.
public final class ProducerStates {

    /// Batches remembered a producer; also the most it may have unanswered.
    public static final int BATCHES_MAX = 5;

    /// How long an idle producer is remembered, in milliseconds: 24 h.
    public static final long EXPIRATION_MS = 24L * 60 * 60 * 1000;

    /// Producers remembered a partition, unless configured otherwise.
    public static final int PRODUCERS_MAX_DEFAULT = 10_000;

    private static final String SNAPSHOT_KIND = "PROD";
    private static final int SNAPSHOT_VERSION = 1;
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
    private static final int PRODUCER_BYTES = 2 * Long.BYTES + Short.BYTES + Byte.BYTES;
    private static final int BATCH_BYTES = 2 * Integer.BYTES + 3 * Long.BYTES;

    /// In order of last append, longest idle first.
    private final LinkedHashMap<Long, State> states = new LinkedHashMap<>();

    private final int producersMax;
    private long mapEndOffset;

    private static final class State {
        final short epoch;
        final ArrayDeque<ProducerBatch> batches = new ArrayDeque<>(BATCHES_MAX);
        long lastAppendMs;

        State(short epoch) {
            this.epoch = epoch;
        }
    }

    /// @param producersMax most producers remembered, at least 1
    /// @param mapEndOffset log offset up to which the log was looked at: its start
    public ProducerStates(int producersMax, long mapEndOffset) {
        if (producersMax < 1 || mapEndOffset < 0) {
            throw new IllegalArgumentException(
                    "producersMax " + producersMax + ", mapEndOffset " + mapEndOffset);
        }
        this.producersMax = producersMax;
        this.mapEndOffset = mapEndOffset;
    }

    /// Exclusive end of the part of the log that this state reflects.
    public long mapEndOffset() {
        return mapEndOffset;
    }

    /// Most producers remembered.
    public int producersMax() {
        return producersMax;
    }

    /// Judges a batch against what the log holds. Changes nothing.
    ///
    /// @param producerId from 0
    /// @param producerEpoch from 0
    /// @param baseSequence from 0
    /// @param recordCount sequences the batch takes, at least 1
    /// @param nowMs wall time, milliseconds since the Unix epoch
    public SequenceCheck check(
            long producerId, short producerEpoch, int baseSequence, int recordCount, long nowMs) {
        if (producerId < 0 || producerEpoch < 0 || baseSequence < 0 || recordCount < 1) {
            throw new IllegalArgumentException(
                    "producer %d epoch %d sequence %d count %d"
                            .formatted(producerId, producerEpoch, baseSequence, recordCount));
        }
        var state = live(producerId, nowMs);
        if (state.isEmpty()) {
            return baseSequence == 0
                    ? new SequenceCheck.InOrder()
                    : new SequenceCheck.UnknownProducer();
        }
        return check(state.get(), producerEpoch, baseSequence, recordCount);
    }

    private static SequenceCheck check(
            State state, short producerEpoch, int baseSequence, int recordCount) {
        if (producerEpoch < state.epoch) {
            return new SequenceCheck.FencedEpoch(state.epoch);
        }
        if (producerEpoch > state.epoch) {
            return baseSequence == 0
                    ? new SequenceCheck.InOrder()
                    : new SequenceCheck.OutOfOrder(0);
        }
        var lastSequence = ProducerBatch.sequenceAfter(baseSequence, recordCount - 1);
        for (var batch : state.batches) {
            if (batch.baseSequence() == baseSequence && batch.lastSequence() == lastSequence) {
                return new SequenceCheck.Duplicate(batch.baseOffset(), batch.lastOffset());
            }
        }
        var expected = ProducerBatch.sequenceAfter(state.batches.getLast().lastSequence(), 1);
        return baseSequence == expected
                ? new SequenceCheck.InOrder()
                : new SequenceCheck.OutOfOrder(expected);
    }

    /// Takes a batch that was appended to the log: by this leader after [#check], by a follower, or
    /// read again at recovery. The log is right, so nothing is checked but that it goes forward.
    ///
    /// @param nowMs wall time; what is read again at recovery counts as appended now
    public void append(long producerId, short producerEpoch, ProducerBatch batch, long nowMs) {
        advanceTo(batch.lastOffset() + 1);
        var state = states.get(producerId);
        if (state == null || state.epoch != producerEpoch || isExpired(state, nowMs)) {
            state = new State(producerEpoch);
        }
        states.putLast(producerId, state);
        if (state.batches.size() == BATCHES_MAX) {
            state.batches.removeFirst();
        }
        state.batches.addLast(batch);
        state.lastAppendMs = nowMs;
        evict();
    }

    /// Says that the log was looked at up to here, where the batches have no producer.
    ///
    /// @param endOffset exclusive; at least [#mapEndOffset]
    public void advanceTo(long endOffset) {
        if (endOffset < mapEndOffset) {
            throw new IllegalStateException(
                    "producer state at " + mapEndOffset + " cannot go to " + endOffset);
        }
        mapEndOffset = endOffset;
    }

    /// Whether a cut left the state exact.
    public enum Truncation {
        /// The state is that of the log below the cut.
        EXACT,
        /// All that was remembered of some producer lay at or above the cut, so what it wrote
        /// before is in older batches only. This state must be replaced by a snapshot at or below
        /// the cut, or by an empty one at the log's start, and the batches up to the cut appended
        /// to it.
        REBUILD_NEEDED
    }

    /// Drops the batches at or above a cut. A cut at or above [#mapEndOffset] drops nothing.
    ///
    /// @param endOffset the new log end, exclusive
    public Truncation truncateTo(long endOffset) {
        if (endOffset >= mapEndOffset) {
            return Truncation.EXACT;
        }
        mapEndOffset = endOffset;
        var uncertain = false;
        for (var each = states.values().iterator(); each.hasNext(); ) {
            var state = each.next();
            state.batches.removeIf(batch -> batch.lastOffset() >= endOffset);
            if (state.batches.isEmpty()) {
                each.remove();
                uncertain = true;
            }
        }
        return uncertain ? Truncation.REBUILD_NEEDED : Truncation.EXACT;
    }

    /// The state as bytes: a [Frame] of kind `PROD`, so they can be stored or sent as they are.
    ///
    /// | size | field |
    /// |-----:|---|
    /// | 8 | `mapEndOffset` |
    /// | 4 | number of producers, longest idle first; each: |
    /// | 8 | producer id |
    /// | 2 | producer epoch |
    /// | 8 | time of last append, milliseconds since the Unix epoch |
    /// | 1 | number of batches, 1 to 5, oldest first; each: |
    /// | 4, 4 | base sequence, last sequence |
    /// | 8, 8 | base offset, last offset |
    /// | 8 | timestamp, milliseconds since the Unix epoch |
    public byte[] encodeSnapshot() {
        var bytes = HEADER_BYTES;
        for (var state : states.values()) {
            bytes += PRODUCER_BYTES + state.batches.size() * BATCH_BYTES;
        }
        var buffer = ByteBuffer.allocate(bytes);
        buffer.putLong(mapEndOffset).putInt(states.size());
        states.forEach((producerId, state) -> encode(buffer, producerId, state));
        return Frame.encode(SNAPSHOT_KIND, SNAPSHOT_VERSION, buffer.array());
    }

    private static void encode(ByteBuffer buffer, long producerId, State state) {
        buffer.putLong(producerId).putShort(state.epoch).putLong(state.lastAppendMs);
        buffer.put((byte) state.batches.size());
        for (var batch : state.batches) {
            buffer.putInt(batch.baseSequence()).putInt(batch.lastSequence());
            buffer.putLong(batch.baseOffset()).putLong(batch.lastOffset());
            buffer.putLong(batch.timestampMs());
        }
    }

    /// Reads a snapshot.
    ///
    /// @param producersMax most producers remembered; of more the longest idle are left out
    /// @return empty if the bytes are no whole snapshot of a version known here: the state is then
    ///   rebuilt from an older snapshot or from the log's start
    public static Optional<ProducerStates> decodeSnapshot(byte[] bytes, int producersMax) {
        return switch (Frame.decode(SNAPSHOT_KIND, SNAPSHOT_VERSION, bytes)) {
            case Frame.Decoded.Valid(_, var payload) -> decode(payload, producersMax);
            case Frame.Decoded.Corrupt _, Frame.Decoded.TooNew _ -> Optional.empty();
        };
    }

    private static Optional<ProducerStates> decode(ByteBuffer payload, int producersMax) {
        try {
            var result = new ProducerStates(producersMax, payload.getLong());
            var count = payload.getInt();
            for (var i = 0; i < count; i++) {
                var producerId = payload.getLong();
                var state = new State(payload.getShort());
                state.lastAppendMs = payload.getLong();
                for (var left = payload.get(); left > 0; left--) {
                    state.batches.addLast(decodeBatch(payload));
                }
                if (state.batches.isEmpty() || state.batches.size() > BATCHES_MAX) {
                    return Optional.empty();
                }
                result.states.put(producerId, state);
                result.evict();
            }
            return payload.hasRemaining() ? Optional.empty() : Optional.of(result);
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static ProducerBatch decodeBatch(ByteBuffer payload) {
        return new ProducerBatch(
                payload.getInt(),
                payload.getInt(),
                payload.getLong(),
                payload.getLong(),
                payload.getLong());
    }

    private void evict() {
        if (states.size() > producersMax) {
            states.pollFirstEntry();
        }
    }

    private Optional<State> live(long producerId, long nowMs) {
        var state = states.get(producerId);
        return state == null || isExpired(state, nowMs) ? Optional.empty() : Optional.of(state);
    }

    private static boolean isExpired(State state, long nowMs) {
        return nowMs - state.lastAppendMs >= EXPIRATION_MS;
    }
}
