// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// `docs/errors.md`, written from [ErrorReason].
final class ErrorsPage {

    private ErrorsPage() {}

    static String text() {
        var page = new StringBuilder();
        page.append(
                """
                # Errors

                Generated from the code (`ErrorReason`); a test compares it. Every refusal is a `google.rpc.Status`: a gRPC code,
                one line for people that names cause and cure, and details for programs.

                - `ErrorInfo{domain: "weir", reason, metadata}` always. Go by `reason`; by the code where you do not know it.
                - `RetryInfo{retry_delay}` where the same call may succeed later: wait at least so long.
                - `BadRequest{field_violations}` for fields, `QuotaFailure{violations}` for limits.

                A call ends with such a status. On a stream, a request's error is in its answer (`ProduceResponse.error`,
                `FetchResponse.error`) and the stream goes on; only `IDLE_STREAM`, `NODE_STOPPING`, `NODE_NOT_READY` and an
                `INVALID_REQUEST` that cannot be given to one request end the stream itself.

                "Retry" says what a program may do without a person. `OUTCOME_UNKNOWN` and a call that broke without an answer are
                the two cases in which something may have been stored all the same: with a sequence (see `docs/protocol.md`) the
                retry is answered with the first result, without one the records may be there twice.

                | reason | gRPC code | what happened | what to do | retry |
                |---|---|---|---|---|
                """);
        for (var reason : ErrorReason.values()) {
            page.append(
                    "| `%s` | `%s` | %s | %s | %s |\n"
                            .formatted(
                                    reason.name(),
                                    reason.code().name(),
                                    reason.description(),
                                    reason.cure(),
                                    reason.retry().words()));
        }
        page.append(
                """

                ## Values in `ErrorInfo.metadata`

                | name | with | is |
                |---|---|---|
                | `limit` | `MESSAGE_TOO_LARGE`, `SUBSCRIPTION_LIMIT`, `DECOMPRESSED_SIZE_EXCEEDED`; `PARTITION_LIMIT` unless the controller found it | the limit that was passed |
                | `log_start`, `high_watermark` | `OFFSET_OUT_OF_RANGE` | first offset that is there; end of what may be read |
                | `leader_hint` | `NOT_LEADER`, `FENCED_EPOCH`, `NO_CONTROLLER` | node id of the leader, when one is known |
                | `epoch` | `NOT_LEADER`, `FENCED_EPOCH` | the leader epoch that this node knows |
                | `epoch` | `PRODUCER_FENCED` | the newest epoch of the producer |
                | `producer_id` | `OUT_OF_ORDER_SEQUENCE`, `UNKNOWN_PRODUCER_ID`; `PRODUCER_FENCED` of a batch | whose batch it was |
                | `expected_sequence`, `actual_sequence` | `OUT_OF_ORDER_SEQUENCE` | the only new sequence that would be taken; the one that came |
                | `isr`, `min_insync_replicas` | `NOT_ENOUGH_REPLICAS` | how many there are; how many are asked for |
                | `stored_partitions` | any, of structured records that went to several partitions | the partitions that did store theirs |
                | `topic`, `partition` | `STORED_BATCH_CORRUPT` | name and number of the partition that is damaged |
                | `offset` | `DECOMPRESSED_SIZE_EXCEEDED`, `STORED_BATCH_CORRUPT` of a read | the batch that cannot be given |
                | `next_offset` | `DECOMPRESSED_SIZE_EXCEEDED` | where to read on |
                | `credit` | `CREDIT_OVERRUN` | bytes of credit that were left |
                | `earliest`, `latest` | `METADATA_OFFSET_UNAVAILABLE` | what can be shown |
                | `latest` | `METADATA_OFFSET_NOT_REACHED` | what the node has reached |
                | `stream_idle_ms` | `IDLE_STREAM` | the silence after which a stream ends |
                | `timestamp_ms`, `limit_ms` | `INVALID_TIMESTAMP` of a time too far ahead | the record's timestamp; the latest that is taken now |

                ## What gRPC itself answers

                | input | answer |
                |---|---|
                | a message above `max_message_bytes`, before or after its decompression | `RESOURCE_EXHAUSTED`; the call ends |
                | an unknown service or method | `UNIMPLEMENTED` |
                | bytes that are no protobuf message | `INTERNAL` or `CANCELLED`; the call ends |
                | headers above 8 KiB, more than 256 calls at a time, more than 200 resets in 30 s | the stream or the connection is closed |
                """);
        return page.toString();
    }
}
