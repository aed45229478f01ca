// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ClientException;
import dev.weir.client.ConnectionConfig;
import dev.weir.client.Producer;
import dev.weir.client.ProducerConfig;
import dev.weir.client.ProducerRecord;
import dev.weir.client.Reader;
import dev.weir.client.ReaderConfig;
import dev.weir.client.StartPosition;
import dev.weir.client.TopicPartition;
import dev.weir.client.WeirClient;
import dev.weir.it.History.Outcome;
import dev.weir.it.History.Read;
import dev.weir.it.History.RecordId;
import dev.weir.it.History.Sent;
import dev.weir.it.History.Stored;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Clients that write and read all partitions of a topic while a test does harm to the cluster;
/// each has one producer and one reader, on connections of its own.
///
/// **Threading:** one thread owns it.
final class Load implements AutoCloseable {

    private static final AtomicInteger LAST_ID = new AtomicInteger();
    private static final Duration FLUSH = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final int VALUE_BYTES = 200;

    /// A record on its way and what became of it.
    private static final class Pending {
        final TopicPartition partition;
        final RecordId id;
        final int crc;
        final long atNs;
        volatile Outcome outcome = new Outcome.Unknown();

        Pending(TopicPartition partition, RecordId id, int crc, long atNs) {
            this.partition = partition;
            this.id = id;
            this.crc = crc;
            this.atNs = atNs;
        }
    }

    private final String topic;
    private final int partitions;
    private final List<WeirClient> clients = new ArrayList<>();
    private final List<Thread> senders = new ArrayList<>();
    private final List<Thread> readers = new ArrayList<>();
    private final Queue<Pending> sent = new ConcurrentLinkedQueue<>();
    private final Queue<Read> read = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong lastAckNs = new AtomicLong();
    private final AtomicLong longestGapNs = new AtomicLong();
    private volatile boolean isSending = true;
    private volatile @Nullable Map<TopicPartition, Long> ends;

    private Load(String topic, int partitions) {
        this.topic = topic;
        this.partitions = partitions;
    }

    /// Starts one client a connection. Comes back when records flow.
    static Load start(String topic, int partitions, ConnectionConfig... connections) {
        var load = new Load(topic, partitions);
        for (var connection : connections) {
            load.addClient(connection);
        }
        load.senders.forEach(Thread::start);
        load.readers.forEach(Thread::start);
        load.awaitMore(50);
        return load;
    }

    private void addClient(ConnectionConfig connection) {
        var client = WeirClient.connect(connection);
        clients.add(client);
        var id = LAST_ID.incrementAndGet();
        senders.add(Thread.ofPlatform().name("load-send-" + id).unstarted(() -> send(client, id)));
        readers.add(Thread.ofPlatform().name("load-read-" + id).unstarted(() -> read(client, id)));
    }

    private void send(WeirClient client, int id) {
        try (var producer = client.producer(ProducerConfig.DEFAULT)) {
            var numbers = new long[partitions];
            for (var turn = 0; isSending; turn++) {
                var partition = turn % partitions;
                sendOne(
                        producer,
                        new TopicPartition(topic, partition),
                        new RecordId(id, numbers[partition]++));
                LockSupport.parkNanos(INTERVAL_NS);
            }
            if (!producer.flush(FLUSH)) {
                errors.add("producer " + id + " did not get all its acknowledgements");
            }
        } catch (RuntimeException e) {
            errors.add("producer " + id + ": " + e);
        }
    }

    private void sendOne(Producer producer, TopicPartition partition, RecordId id) {
        var value = Payload.of(id, VALUE_BYTES);
        var pending = new Pending(partition, id, Payload.crcOf(value), System.nanoTime());
        sent.add(pending);
        var record = ProducerRecord.of(topic, null, value).toPartition(partition.partition());
        producer.send(
                record,
                (receipt, failure) -> {
                    if (receipt != null) {
                        var nowNs = System.nanoTime();
                        pending.outcome = new Outcome.Acknowledged(receipt.offset(), nowNs);
                        tick(nowNs);
                    } else if (failure != null) {
                        pending.outcome = outcomeOf(failure);
                        errors.add("record " + id + " failed: " + failure);
                    }
                });
    }

    private void tick(long nowNs) {
        acknowledged.incrementAndGet();
        var beforeNs = lastAckNs.getAndSet(nowNs);
        if (beforeNs != 0) {
            longestGapNs.accumulateAndGet(nowNs - beforeNs, Math::max);
        }
    }

    private static Outcome outcomeOf(ClientException failure) {
        return switch (failure) {
            case ClientException.Refused refused -> new Outcome.Refused(refused.reason());
            case ClientException.DeliveryTimeout late ->
                    late.isOutcomeUnknown()
                            ? new Outcome.Unknown()
                            : new Outcome.Refused(late.reason());
            default -> new Outcome.Unknown();
        };
    }

    /// Reads until the ends are known and reached.
    private void read(WeirClient client, int id) {
        try (var reader = client.reader(ReaderConfig.DEFAULT)) {
            var next = new HashMap<TopicPartition, Long>();
            for (var i = 0; i < partitions; i++) {
                var partition = new TopicPartition(topic, i);
                next.put(partition, 0L);
                reader.assign(partition, StartPosition.EARLIEST);
            }
            var deadlineNs = Long.MAX_VALUE;
            while (System.nanoTime() < deadlineNs) {
                var known = ends;
                if (known != null) {
                    if (known.entrySet().stream()
                            .allMatch(end -> next.get(end.getKey()) >= end.getValue())) {
                        return;
                    }
                    if (deadlineNs == Long.MAX_VALUE) {
                        deadlineNs = System.nanoTime() + Await.USUAL.toNanos();
                    }
                }
                for (var fetched : reader.poll(POLL)) {
                    var value = fetched.record().value();
                    read.add(
                            new Read(
                                    id,
                                    fetched.partition(),
                                    fetched.offset(),
                                    Payload.idOf(value),
                                    Payload.crcOf(value)));
                    next.put(fetched.partition(), fetched.offset() + 1);
                }
            }
            errors.add("reader " + id + " did not come to the end: " + next + " of " + ends);
        } catch (RuntimeException e) {
            errors.add("reader " + id + ": " + e);
        }
    }

    /// Waits until so many records more are acknowledged.
    void awaitMore(int records) {
        var wanted = acknowledged.get() + records;
        Await.until(
                records + " more acknowledgements; " + errors, () -> acknowledged.get() >= wanted);
    }

    /// How many are.
    long acknowledged() {
        return acknowledged.get();
    }

    /// Longest time between two acknowledgements since the last call.
    long takeLongestGapMs() {
        return TimeUnit.NANOSECONDS.toMillis(longestGapNs.getAndSet(0));
    }

    /// Stops, waits for every answer, reads all back, and demands that the cluster kept its
    /// promises and that no client saw an error.
    void finish() {
        isSending = false;
        join(senders);
        var stored = new HashMap<TopicPartition, List<Stored>>();
        Map<TopicPartition, Long> reached;
        try (var reader = clients.getFirst().reader(ReaderConfig.DEFAULT)) {
            reached = endOffsets(reader);
            ends = reached;
            join(readers);
            for (var i = 0; i < partitions; i++) {
                var partition = new TopicPartition(topic, i);
                stored.put(partition, readAll(reader, partition, reached.get(partition)));
            }
        }
        assertThat(List.copyOf(errors)).as("errors that clients saw").isEmpty();
        var history =
                new History(
                        sent.stream()
                                .map(p -> new Sent(p.partition, p.id, p.crc, p.atNs, p.outcome))
                                .toList(),
                        List.copyOf(read),
                        stored);
        assertThat(HistoryChecker.check(history)).isEmpty();
        assertThat(acknowledged.get()).as("acknowledged records").isGreaterThan(50);
        assertThat(history.read()).hasSizeGreaterThan(50);
    }

    private Map<TopicPartition, Long> endOffsets(Reader reader) {
        var known = new HashMap<TopicPartition, Long>();
        Await.until(
                "the partitions' ends",
                () -> {
                    for (var i = 0; i < partitions; i++) {
                        var partition = new TopicPartition(topic, i);
                        known.put(partition, reader.offsetOf(partition, StartPosition.LATEST));
                    }
                    return true;
                });
        return Map.copyOf(known);
    }

    private static List<Stored> readAll(Reader reader, TopicPartition partition, long end) {
        var stored = new ArrayList<Stored>();
        reader.assign(partition, StartPosition.EARLIEST);
        while (stored.isEmpty() ? end > 0 : stored.getLast().offset() < end - 1) {
            var records = reader.poll(Await.USUAL);
            assertThat(records).as("records of %s up to %d", partition, end).isNotEmpty();
            for (var fetched : records) {
                var value = fetched.record().value();
                stored.add(new Stored(fetched.offset(), Payload.idOf(value), Payload.crcOf(value)));
            }
        }
        reader.unassign(partition);
        return stored;
    }

    private static void join(List<Thread> threads) {
        try {
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        isSending = false;
        ends = Map.of();
        clients.forEach(WeirClient::close);
    }
}
