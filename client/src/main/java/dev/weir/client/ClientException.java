// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import io.grpc.Status;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What can keep a call, a record or a read from succeeding. Every case says whether trying again
/// can help.
public abstract sealed class ClientException extends RuntimeException {

    private ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private ClientException(String message) {
        super(message);
    }

    /// A word for scripts: the server's reason where there is one, else one of this client's own.
    public abstract String reason();

    /// The server refused, and said why (docs/errors.md).
    public static final class Refused extends ClientException {

        private final Status.Code code;
        private final String reason;
        private final Map<String, String> metadata;
        private final Optional<Duration> retryDelay;

        /// A refusal as it came over the wire.
        ///
        /// @param reason `ErrorInfo.reason`, or the code's name if there is none
        /// @param metadata `ErrorInfo.metadata`
        /// @param retryDelay `RetryInfo.retry_delay`
        public Refused(
                Status.Code code,
                String reason,
                String message,
                Map<String, String> metadata,
                Optional<Duration> retryDelay) {
            super(message);
            this.code = code;
            this.reason = reason;
            this.metadata = Map.copyOf(metadata);
            this.retryDelay = retryDelay;
        }

        public Status.Code code() {
            return code;
        }

        @Override
        public String reason() {
            return reason;
        }

        /// Numbers and names that belong to the reason, by the keys that docs/errors.md lists.
        public Map<String, String> metadata() {
            return metadata;
        }

        /// How long the server asks to wait before another attempt; empty: another attempt will not
        /// help by itself.
        public Optional<Duration> retryDelay() {
            return retryDelay;
        }
    }

    /// No node answered in time.
    public static final class Unreachable extends ClientException {

        public Unreachable(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public String reason() {
            return "UNREACHABLE";
        }
    }

    /// A record was not acknowledged within the delivery timeout.
    public static final class DeliveryTimeout extends ClientException {

        private final boolean isOutcomeUnknown;

        /// A record out of time.
        ///
        /// @param cause why the last attempt failed; `null` if there was none
        public DeliveryTimeout(
                String message, boolean isOutcomeUnknown, @Nullable Throwable cause) {
            super(message, cause);
            this.isOutcomeUnknown = isOutcomeUnknown;
        }

        /// `true`: it was sent, and may be stored. `false`: it was never sent.
        public boolean isOutcomeUnknown() {
            return isOutcomeUnknown;
        }

        @Override
        public String reason() {
            return "DELIVERY_TIMEOUT";
        }
    }

    /// The record may be stored or not: an attempt went unanswered, and a later one was refused, or
    /// could have stored it twice because the node forgot the producer.
    public static final class OutcomeUnknown extends ClientException {

        public OutcomeUnknown(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public String reason() {
            return "OUTCOME_UNKNOWN";
        }
    }

    /// The producer's memory stayed full for longer than its `maxBlock`. The record was not taken.
    public static final class MemoryExhausted extends ClientException {

        public MemoryExhausted(String message) {
            super(message);
        }

        @Override
        public String reason() {
            return "MEMORY_EXHAUSTED";
        }
    }

    /// The record fits no batch. It was not taken.
    public static final class RecordTooLarge extends ClientException {

        private final long sizeBytes;
        private final int limitBytes;

        /// A record above the limit.
        ///
        /// @param sizeBytes size of a batch with this record alone
        /// @param limitBytes largest batch, inclusive
        public RecordTooLarge(long sizeBytes, int limitBytes) {
            super(
                    "a batch with this record alone has "
                            + sizeBytes
                            + " bytes; the limit is "
                            + limitBytes);
            this.sizeBytes = sizeBytes;
            this.limitBytes = limitBytes;
        }

        public long sizeBytes() {
            return sizeBytes;
        }

        public int limitBytes() {
            return limitBytes;
        }

        @Override
        public String reason() {
            return "RECORD_TOO_LARGE";
        }
    }

    /// A batch from the server fails its CRC or contradicts its format.
    public static final class CorruptBatch extends ClientException {

        public CorruptBatch(String message, Throwable cause) {
            super(message, cause);
        }

        public CorruptBatch(String message) {
            super(message);
        }

        @Override
        public String reason() {
            return "CORRUPT_BATCH";
        }
    }

    /// The producer, reader or client was closed.
    public static final class Closed extends ClientException {

        public Closed(String message) {
            super(message);
        }

        @Override
        public String reason() {
            return "CLOSED";
        }
    }
}
