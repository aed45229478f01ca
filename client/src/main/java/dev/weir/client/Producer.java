// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Sends records. Any number of threads may send; records that one thread sends to one partition
/// are stored in that order, through retries, several requests in flight and reconnects.
///
/// A record is copied when it is sent. It is delivered when its future or callback says so, at the
/// level that [ProducerConfig#acks] asks for.
public final class Producer implements AutoCloseable {

    Producer(ProducerConfig config, ConnectionConfig connection, Nodes nodes) {}

    /// Sends a record.
    ///
    /// Blocks while the producer's memory is full or the topic is not known yet, at most for
    /// `maxBlock`.
    ///
    /// @return fails with a [ClientException]
    /// @throws ClientException if the record was not taken: `MemoryExhausted`, `RecordTooLarge`,
    ///   `Closed`, or why the topic cannot be found
    public CompletableFuture<Receipt> send(ProducerRecord record) {
        throw new UnsupportedOperationException();
    }

    /// Sends a record and tells a callback, which costs less than a future.
    ///
    /// @throws ClientException as the other form
    public void send(ProducerRecord record, SendCallback callback) {
        throw new UnsupportedOperationException();
    }

    /// Sends what lingers and waits until every record sent before has been delivered or has
    /// failed.
    ///
    /// @return `false` if the timeout came first
    public boolean flush(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// Takes no more records, waits for those sent before, and fails what is left with `Closed`.
    ///
    /// @return `false` if something was left
    public boolean close(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// Waits for up to 30 s.
    @Override
    public void close() {
        close(Duration.of(30, TimeUnit.SECONDS.toChronoUnit()));
    }
}
