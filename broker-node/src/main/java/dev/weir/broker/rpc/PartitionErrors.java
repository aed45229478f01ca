// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.broker.partition.FetchOutcome;
import dev.weir.broker.partition.ListOffsetsOutcome;
import dev.weir.broker.partition.core.Assignment;
import dev.weir.broker.partition.core.NotLeader;
import dev.weir.broker.partition.core.ProduceOutcome;

import java.util.OptionalInt;

/// What a partition's refusals are called outside.
///
/// @param topic name of the topic, for messages
/// @param partition number in it
/// @param requestEpoch leader epoch that the caller named
record PartitionErrors(String topic, int partition, OptionalInt requestEpoch) {

    /// The refusal of a produce.
    ApiError of(ProduceOutcome outcome) {
        return switch (outcome) {
            case ProduceOutcome.Accepted accepted ->
                    throw new IllegalStateException("not a refusal: " + accepted);
            case ProduceOutcome.Refused(var hint, var outcomeUnknown) ->
                    outcomeUnknown ? unknown("the leadership ended") : notLeader(hint);
            case ProduceOutcome.NotEnoughReplicas(var isr, var min) ->
                    error(
                                    ErrorReason.NOT_ENOUGH_REPLICAS,
                                    isr
                                            + " replicas of %s are in sync, min.insync.replicas"
                                            + " asks for "
                                            + min
                                            + "; nothing was stored")
                            .with("isr", isr)
                            .with("min_insync_replicas", min);
            case ProduceOutcome.CorruptBatch(var field, var reason) ->
                    error(
                                    ErrorReason.CORRUPT_BATCH,
                                    "batch for %s refused: " + field + ": " + reason)
                            .violating("record_batch." + field, reason);
            case ProduceOutcome.BatchTooLarge(var size, var limit) -> tooLarge(size, limit);
            case ProduceOutcome.InvalidTimestamp(var timestamp, var limit) ->
                    error(
                                    ErrorReason.INVALID_TIMESTAMP,
                                    "timestamp "
                                            + timestamp
                                            + " ms in a batch for %s is above the latest accepted"
                                            + " now, "
                                            + limit)
                            .with("timestamp_ms", timestamp)
                            .with("limit_ms", limit)
                            .violating("record_batch", "timestamps up to " + limit + " ms");
            case ProduceOutcome.OutOfOrderSequence(var id, var expected, var actual) ->
                    error(
                                    ErrorReason.OUT_OF_ORDER_SEQUENCE,
                                    "producer "
                                            + id
                                            + " sent sequence "
                                            + actual
                                            + " to %s, which expects "
                                            + expected)
                            .with("producer_id", id)
                            .with("expected_sequence", expected)
                            .with("actual_sequence", actual);
            case ProduceOutcome.ProducerFenced(var id, var current, var request) ->
                    error(
                                    ErrorReason.PRODUCER_FENCED,
                                    "producer "
                                            + id
                                            + " epoch "
                                            + request
                                            + " is fenced in %s by epoch "
                                            + current)
                            .with("producer_id", id)
                            .with("epoch", current);
            case ProduceOutcome.UnknownProducerId(var id) ->
                    error(
                                    ErrorReason.UNKNOWN_PRODUCER_ID,
                                    "%s does not know producer "
                                            + id
                                            + "; take a new epoch and start at sequence 0")
                            .with("producer_id", id);
            case ProduceOutcome.Overloaded(var what) -> overloaded(what);
            case ProduceOutcome.LogDirFull() ->
                    error(
                            ErrorReason.LOG_DIR_FULL,
                            "the disk of %s is full; nothing was stored, reads go on; free space");
            case ProduceOutcome.LogDirOffline(_, var outcomeUnknown) ->
                    outcomeUnknown
                            ? unknown("its directory failed or the partition stopped")
                            : offline();
            case ProduceOutcome.TimedOut() -> unknown("the acknowledgement did not come in time");
            case ProduceOutcome.Closed(var outcomeUnknown) ->
                    outcomeUnknown ? unknown("it was closed or deleted meanwhile") : closed();
        };
    }

    /// The refusal of a fetch.
    ApiError of(FetchOutcome outcome) {
        return switch (outcome) {
            case FetchOutcome.Data data ->
                    throw new IllegalStateException("not a refusal: " + data);
            case FetchOutcome.OffsetOutOfRange(var offset, var start, var high, _) ->
                    outOfRange(offset, start, high);
            case FetchOutcome.Refused(var hint) -> notLeader(hint);
            case FetchOutcome.Overloaded(var what) -> overloaded(what);
            case FetchOutcome.Corrupt(var offset, var reason) -> damaged(offset, reason);
            case FetchOutcome.LogDirOffline(_) -> offline();
            case FetchOutcome.Closed() -> closed();
        };
    }

    /// The refusal of a question for an offset.
    ApiError of(ListOffsetsOutcome outcome) {
        return switch (outcome) {
            case ListOffsetsOutcome.Found found ->
                    throw new IllegalStateException("not a refusal: " + found);
            case ListOffsetsOutcome.Refused(var hint) -> notLeader(hint);
            case ListOffsetsOutcome.HighWatermarkNotReady() ->
                    error(
                            ErrorReason.HIGH_WATERMARK_NOT_READY,
                            "the new leader of %s does not know its high watermark yet; repeat");
            case ListOffsetsOutcome.Overloaded(var what) -> overloaded(what);
            case ListOffsetsOutcome.Corrupt(var reason) ->
                    error(ErrorReason.STORED_BATCH_CORRUPT, "%s holds a damaged batch: " + reason)
                            .with("topic", topic)
                            .with("partition", partition);
            case ListOffsetsOutcome.LogDirOffline(_) -> offline();
            case ListOffsetsOutcome.Closed() -> closed();
        };
    }

    /// An offset that the log does not have.
    ApiError outOfRange(long offset, long logStartOffset, long highWatermark) {
        return error(
                        ErrorReason.OFFSET_OUT_OF_RANGE,
                        "offset "
                                + offset
                                + " is not in %s, which has "
                                + logStartOffset
                                + " to "
                                + highWatermark)
                .with("log_start", logStartOffset)
                .with("high_watermark", highWatermark);
    }

    /// Stored bytes that are not a batch.
    ApiError damaged(long offset, String reason) {
        return error(
                        ErrorReason.STORED_BATCH_CORRUPT,
                        "%s holds a damaged batch at offset " + offset + ": " + reason)
                .with("topic", topic)
                .with("partition", partition)
                .with("offset", offset);
    }

    /// A batch above the limit.
    ApiError tooLarge(long sizeBytes, long limitBytes) {
        return error(
                        ErrorReason.MESSAGE_TOO_LARGE,
                        "a batch of "
                                + sizeBytes
                                + " bytes for %s is above the limit of "
                                + limitBytes
                                + "; send less at once")
                .with("limit", limitBytes)
                .violating("batch.max.bytes", "at most " + limitBytes + " bytes");
    }

    /// This node has no open replica that could answer.
    ApiError noLeader() {
        return error(
                ErrorReason.NO_LEADER, "no replica of %s can lead it now; repeat a little later");
    }

    /// Another node leads, or the caller's epoch is not the leader's.
    ApiError notLeader(NotLeader hint) {
        boolean fenced = requestEpoch.isPresent() && requestEpoch.getAsInt() < hint.leaderEpoch();
        var error =
                fenced
                        ? error(
                                ErrorReason.FENCED_EPOCH,
                                "leader epoch "
                                        + requestEpoch.getAsInt()
                                        + " of %s is over; the current one is "
                                        + hint.leaderEpoch())
                        : error(
                                ErrorReason.NOT_LEADER,
                                "this node does not lead %s; refresh metadata");
        if (hint.leaderId() != Assignment.NO_LEADER) {
            error = error.with("leader_hint", hint.leaderId());
        }
        return error.with("epoch", hint.leaderEpoch());
    }

    private ApiError overloaded(String what) {
        return error(ErrorReason.NODE_OVERLOADED, "%s is busy: " + what + "; repeat");
    }

    private ApiError offline() {
        return error(
                ErrorReason.LOG_DIR_OFFLINE,
                "the directory of %s failed or the partition stopped; the node's log says why");
    }

    private ApiError closed() {
        return error(
                ErrorReason.NO_LEADER,
                "%s is being closed or deleted on this node; refresh metadata and repeat");
    }

    private ApiError unknown(String why) {
        return error(
                ErrorReason.OUTCOME_UNKNOWN,
                "the records were sent to the log of %s but " + why + "; they may or may not stay");
    }

    /// @param text with `%s` where the partition is named; the rest may hold anything
    private ApiError error(ErrorReason reason, String text) {
        return ApiError.of(reason, text.replace("%s", topic + "-" + partition));
    }
}
