// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Status;

/// Every `ErrorInfo.reason` that a node of this version answers with. `docs/errors.md` is written
/// from this list, and a test holds the page to it.
///
/// A reason never changes its code or meaning once released; new ones may come. A caller that does
/// not know a reason goes by the gRPC code.
public enum ErrorReason {
    INVALID_REQUEST(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A field is missing, out of its range or contradicts another one.",
            "Correct the fields that `BadRequest` names."),
    INVALID_TOPIC_NAME(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A topic name is empty, `.`, `..`, longer than 249 characters or has a character"
                    + " outside `a-z A-Z 0-9 . _ -`.",
            "Choose another name."),
    INVALID_CONFIG(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A config key is unknown in this scope or its value is refused.",
            "See `docs/configuration.md` for keys, units and ranges."),
    INVALID_REPLICATION_FACTOR(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "More replicas were asked for than brokers are live.",
            "Ask for at most as many replicas as brokers are live (`weir cluster describe`), or"
                    + " start more brokers."),
    INVALID_PARTITION_COUNT(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A topic's partition count would shrink or is not positive.",
            "Ask for at least as many partitions as the topic has."),
    INVALID_TIMESTAMP(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A record's timestamp is more than `message.timestamp.after.max.ms` ahead of the node's"
                    + " clock; or one of structured records is negative.",
            "Set the sender's clock, or leave the timestamp out."),
    CORRUPT_BATCH(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "The bytes of a record batch contradict themselves: CRC, length, record count, offsets"
                    + " or a truncated field. Nothing of it was stored.",
            "Build the batch again; see `docs/formats.md`."),
    DECOMPRESSED_SIZE_EXCEEDED(
            Status.Code.INVALID_ARGUMENT,
            Retry.NO,
            "A compressed batch holds more bytes than a structured reader is given, or grows beyond"
                    + " the allowed ratio.",
            "Read this range with `Fetch`, which hands out batches as they are stored."),
    UNKNOWN_TOPIC_OR_PARTITION(
            Status.Code.NOT_FOUND,
            Retry.NO,
            "No topic of this name, or no partition of this number in it. Topics are never created"
                    + " by use.",
            "Create it: `weir topic create NAME`, or check the spelling."),
    UNKNOWN_TOPIC_ID(
            Status.Code.NOT_FOUND,
            Retry.REFRESH,
            "No topic has this id: it was deleted, and perhaps created again under another id.",
            "Ask for the topic by name."),
    UNKNOWN_BROKER(
            Status.Code.NOT_FOUND,
            Retry.NO,
            "No broker of this id is registered.",
            "List the brokers: `weir cluster describe`."),
    UNKNOWN_VOTER(
            Status.Code.NOT_FOUND,
            Retry.NO,
            "The metadata quorum has no voter of this node id and directory id.",
            "List the voters: `weir cluster quorum`."),
    VOTER_EXISTS(
            Status.Code.ALREADY_EXISTS,
            Retry.NO,
            "The node votes in the metadata quorum with another directory.",
            "Remove that voter first: `weir cluster remove-voter`."),
    QUORUM_AT_RISK(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "After the change the live voters would be no majority: the cluster could decide"
                    + " nothing any more.",
            "Bring voters back, or add one, first; `weir cluster quorum` shows them."),
    VOTER_NOT_READY(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "No node with this directory id answers at the new voter's address, or it does not"
                    + " catch up. Nothing was changed.",
            "Start the node, and pass the line that it logs while it waits to be added."),
    VOTER_CHANGE_IN_PROGRESS(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "Another change of the voters is on its way.",
            "Repeat after the delay in `RetryInfo`."),
    BROKER_IN_USE(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "The broker is live, or holds replicas.",
            "Stop it for good. Replicas cannot be moved yet: delete the topics, or keep the node id"
                    + " and replace the machine."),
    TOPIC_EXISTS(
            Status.Code.ALREADY_EXISTS,
            Retry.NO,
            "A topic of this name exists.",
            "Use it, or choose another name."),
    OFFSET_OUT_OF_RANGE(
            Status.Code.OUT_OF_RANGE,
            Retry.NO,
            "The offset is below the log start or beyond the log end.",
            "Start at an offset from `log_start` to `high_watermark`."),
    METADATA_OFFSET_UNAVAILABLE(
            Status.Code.OUT_OF_RANGE,
            Retry.NO,
            "The metadata history does not reach back to this offset, or it was never written.",
            "Ask for an offset from `earliest` to `latest`."),
    METADATA_OFFSET_NOT_REACHED(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "The node's metadata did not reach `min_metadata_offset` within the call's deadline.",
            "Repeat the call, or ask another node."),
    MESSAGE_TOO_LARGE(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.NO,
            "A batch or message is larger than `limit` bytes. (A message above the transport's"
                + " limit ends its call without this reason: gRPC refuses it before Weir sees it.)",
            "Send less at once; the limits are in `GetServerInfo`."),
    CREDIT_OVERRUN(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.YES,
            "The sender sent more bytes on a produce stream than it had credit for. The request was"
                    + " not processed; the stream goes on.",
            "Wait for credit before sending; see `docs/protocol.md`."),
    NODE_OVERLOADED(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.YES,
            "The node holds as many requests as its memory budget or a queue allows. Nothing of the"
                    + " request was processed.",
            "Repeat after the delay in `RetryInfo`."),
    SUBSCRIPTION_LIMIT(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.NO,
            "A fetch stream has as many subscriptions as allowed.",
            "Open another stream, or unsubscribe."),
    WATCH_LIMIT(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.YES,
            "The node serves as many metadata watches as allowed.",
            "Ask another node, or repeat later."),
    WATCH_TOO_SLOW(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.YES,
            "A metadata watch was read so slowly that its queue filled.",
            "Watch again with `after_offset` set to the last offset seen."),
    PARTITION_LIMIT(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.NO,
            "One request asks for more partitions than allowed.",
            "Ask for fewer; `QuotaFailure` says what was passed."),
    LOG_DIR_FULL(
            Status.Code.RESOURCE_EXHAUSTED,
            Retry.YES,
            "The disk of the partition's leader is full. Nothing was stored; reads go on.",
            "Free space or delete topics, then repeat."),
    LOG_DIR_OFFLINE(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "The directory that holds the partition failed and takes no more records.",
            "Replace or repair the disk; the node's log names the first error."),
    STORED_BATCH_CORRUPT(
            Status.Code.DATA_LOSS,
            Retry.NO,
            "Stored bytes are not what was written. They are not served.",
            "Read from another replica; check the disk with `weir log verify`."),
    NOT_LEADER(
            Status.Code.FAILED_PRECONDITION,
            Retry.REFRESH,
            "This node does not lead the partition, or not yet in the leader epoch that the"
                    + " caller named.",
            "Refresh metadata and go to `leader_hint`."),
    FENCED_EPOCH(
            Status.Code.FAILED_PRECONDITION,
            Retry.REFRESH,
            "The caller named a leader epoch below the leader's.",
            "Refresh metadata and repeat with the epoch in `epoch`."),
    NO_LEADER(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "No replica of the partition can lead it now, or its leader is still opening its log.",
            "Repeat; `weir topic describe` shows which replicas are missing."),
    NOT_ENOUGH_REPLICAS(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "Fewer replicas are in sync than `min.insync.replicas` asks for. Nothing was stored.",
            "Repeat; start the missing brokers."),
    HIGH_WATERMARK_NOT_READY(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "A new leader does not know its high watermark yet.",
            "Repeat after the delay in `RetryInfo`."),
    OUTCOME_UNKNOWN(
            Status.Code.ABORTED,
            Retry.SEQUENCED,
            "The records were appended, but the node cannot say whether they stay: it lost"
                    + " leadership, its disk or its time to answer.",
            "A sequenced request may be repeated as it is; an unsequenced one may be stored"
                    + " twice."),
    OUT_OF_ORDER_SEQUENCE(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "The batch's sequence does not follow the producer's last one in this partition.",
            "Send the batch that has `expected_sequence` first, or take a new epoch with"
                    + " `InitProducer`."),
    UNKNOWN_PRODUCER_ID(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "The partition holds no state of this producer id and epoch: none was sent, or it"
                    + " expired.",
            "Take a new epoch with `InitProducer` and start at sequence 0."),
    PRODUCER_FENCED(
            Status.Code.FAILED_PRECONDITION,
            Retry.NO,
            "A newer epoch of this producer id has written or was given out.",
            "Stop: another instance took over this producer id."),
    NO_CONTROLLER(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "No controller is active now.",
            "Repeat after the delay in `RetryInfo`."),
    CHANGE_OUTCOME_UNKNOWN(
            Status.Code.ABORTED,
            Retry.NO,
            "The controller was lost while it decided a change: it may or may not have been made.",
            "Look at the topic or config, then decide."),
    UNAUTHENTICATED(
            Status.Code.UNAUTHENTICATED,
            Retry.NO,
            "The caller did not say who it is.",
            "Send credentials."),
    ACL_DENIED(
            Status.Code.PERMISSION_DENIED,
            Retry.NO,
            "The principal may not do this. The answer is the same for things that do not exist.",
            "Ask an administrator."),
    IDLE_STREAM(
            Status.Code.DEADLINE_EXCEEDED,
            Retry.YES,
            "A stream said nothing for longer than `stream_idle_ms`.",
            "Open it again when there is something to say."),
    NODE_NOT_READY(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "The node is starting.",
            "Repeat after the delay in `RetryInfo`, or ask another node."),
    NODE_STOPPING(
            Status.Code.UNAVAILABLE,
            Retry.YES,
            "The node is shutting down and takes no new work.",
            "Ask another node."),
    UNSUPPORTED(
            Status.Code.UNIMPLEMENTED,
            Retry.NO,
            "This version does not do that.",
            "Check `features` in `GetServerInfo`."),
    INTERNAL_ERROR(
            Status.Code.INTERNAL,
            Retry.NO,
            "A defect of the node; its log has the details.",
            "Report it.");

    /// What a caller may do about an error without a person.
    public enum Retry {
        /// The same call fails again.
        NO("no"),
        /// The same call may succeed later.
        YES("yes"),
        /// After asking for metadata again.
        REFRESH("after a metadata refresh"),
        /// Only when the request carries a sequence.
        SEQUENCED("with a sequence");

        private final String words;

        Retry(String words) {
            this.words = words;
        }

        /// For the page of errors.
        public String words() {
            return words;
        }
    }

    private final Status.Code code;
    private final Retry retry;
    private final String description;
    private final String cure;

    ErrorReason(Status.Code code, Retry retry, String description, String cure) {
        this.code = code;
        this.retry = retry;
        this.description = description;
        this.cure = cure;
    }

    /// The gRPC code that this reason always comes with.
    public Status.Code code() {
        return code;
    }

    /// Whether repeating can help.
    public Retry retry() {
        return retry;
    }

    /// What happened, in Markdown.
    public String description() {
        return description;
    }

    /// What the caller can do, in Markdown.
    public String cure() {
        return cure;
    }
}
