// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.client.core.Acknowledgement;
import dev.weir.client.core.BatchFailure;
import dev.weir.client.core.PartitionId;
import dev.weir.client.core.ProducerBatch;
import dev.weir.client.core.ProducerCore;
import dev.weir.client.core.ProducerEffect;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The sender thread: the only one that touches the core. Takes batches from the accumulators as
/// the core has room, hands answers to it, and carries out what it decides.
///
/// Any thread may [#post] and [#wake]; the number of posted events is bounded by the requests in
/// flight, which the producer's memory and the servers' credit bound.
final class SenderLoop implements Runnable {

    /// What happened, told to the core on the sender thread.
    @FunctionalInterface
    interface Event {
        List<ProducerEffect<SendCallback>> on(ProducerCore<SendCallback> core, long nowNs);
    }

    private static final Logger LOG = LoggerFactory.getLogger(SenderLoop.class);
    private static final long TICK_SOON_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ProducerCore<SendCallback> core;
    private final Wire wire;
    private final MemoryPool memory;
    private final FlushGate flushes;
    private final boolean isAnswered;
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final Queue<ProducerTopic.Partition> activated = new ConcurrentLinkedQueue<>();
    private final Set<ProducerTopic.Partition> active = new LinkedHashSet<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean isParked;
    private volatile boolean isWoken;
    private volatile @Nullable ClientException closed;
    private long lastTickNs = System.nanoTime();

    /// Carries out the effects that need the network.
    interface Wire {
        void send(SenderLoop loop, ProducerEffect.Send<SendCallback> send);

        void openStream(SenderLoop loop, String node, long streamId);

        void endStream(long streamId);

        void takeIdentity(SenderLoop loop, ProducerEffect.TakeIdentity<SendCallback> take);

        void findLeaders(SenderLoop loop, String topic);

        void suspect(String node);
    }

    SenderLoop(
            ProducerCore<SendCallback> core,
            Wire wire,
            MemoryPool memory,
            FlushGate flushes,
            boolean isAnswered) {
        this.core = core;
        this.wire = wire;
        this.memory = memory;
        this.flushes = flushes;
        this.isAnswered = isAnswered;
        this.thread = Thread.ofPlatform().name("weir-producer").daemon(true).unstarted(this);
    }

    void start() {
        thread.start();
    }

    boolean isSenderThread() {
        return Thread.currentThread().equals(thread);
    }

    /// Says that a partition has its first record since the loop last saw it empty.
    void activate(ProducerTopic.Partition partition) {
        activated.add(partition);
        wake();
    }

    void post(Event event) {
        events.add(event);
        wake();
    }

    /// Has the thread look again now.
    void wake() {
        isWoken = true;
        if (isParked) {
            LockSupport.unpark(thread);
        }
    }

    /// Fails everything that is left and ends the thread.
    void close(ClientException cause) {
        closed = cause;
        wake();
    }

    boolean awaitEnd(long timeoutNs) {
        try {
            return isSenderThread() || ended.await(timeoutNs, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void run() {
        try {
            while (closed == null) {
                long nowNs = System.nanoTime();
                long wakeAtNs = turn(nowNs);
                park(wakeAtNs);
            }
            failEverything(closed);
        } catch (Throwable e) {
            // Nothing that can go wrong here is a state to go on from; the records must not hang.
            LOG.error("the producer stopped on a defect", e);
            var cause = new ClientException.Closed("the producer stopped on a defect: " + e);
            closed = cause;
            failEverything(cause);
        } finally {
            ended.countDown();
        }
    }

    /// @return monotonic time at which to look again, if nothing happens before
    private long turn(long nowNs) {
        isWoken = false;
        for (var event = events.poll(); event != null; event = events.poll()) {
            perform(event.on(core, nowNs));
        }
        long tickNs = core.isWaiting() ? TICK_SOON_NS : TICK_NS;
        if (nowNs - lastTickNs >= tickNs) {
            lastTickNs = nowNs;
            perform(core.onTick(nowNs));
        }
        for (var partition = activated.poll(); partition != null; partition = activated.poll()) {
            active.add(partition);
        }
        long wakeAtNs = nowNs + tickNs;
        boolean isHurried = flushes.isFlushing() || memory.isShort();
        for (var partition : List.copyOf(active)) {
            long readyAtNs = takeBatches(partition, nowNs, isHurried);
            if (readyAtNs != Long.MAX_VALUE && readyAtNs - wakeAtNs < 0) {
                wakeAtNs = readyAtNs;
            }
        }
        return wakeAtNs;
    }

    /// @return when the partition's next batch is ready; `Long.MAX_VALUE` if not before something
    ///   else happens
    private long takeBatches(ProducerTopic.Partition partition, long nowNs, boolean isHurried) {
        while (true) {
            boolean hasRoom = core.hasRoom(partition.id);
            ProducerBatch<SendCallback> batch;
            boolean isExpired;
            synchronized (partition) {
                batch = partition.accumulator.pollExpired(nowNs);
                isExpired = batch != null;
                if (batch == null && hasRoom) {
                    batch = partition.accumulator.poll(nowNs, isHurried);
                }
                if (batch == null) {
                    if (partition.accumulator.isEmpty()) {
                        partition.isActive = false;
                        active.remove(partition);
                    }
                    return hasRoom ? partition.accumulator.readyAtNs(nowNs) : Long.MAX_VALUE;
                }
            }
            if (isExpired) {
                fail(partition.id, batch, new BatchFailure.TimedOut(false, null));
            } else {
                perform(core.onBatch(partition.id, batch, nowNs));
            }
        }
    }

    private void park(long wakeAtNs) {
        isParked = true;
        try {
            if (!isWoken && closed == null) {
                long leftNs = wakeAtNs - System.nanoTime();
                if (leftNs > 0) {
                    LockSupport.parkNanos(this, leftNs);
                }
            }
        } finally {
            isParked = false;
        }
        // An interrupt by whoever holds the thread would make every later park return at once.
        boolean _ = Thread.interrupted();
    }

    private void perform(List<ProducerEffect<SendCallback>> effects) {
        for (var effect : effects) {
            switch (effect) {
                case ProducerEffect.Send<SendCallback> send -> wire.send(this, send);
                case ProducerEffect.OpenStream<SendCallback> open ->
                        wire.openStream(this, open.node(), open.streamId());
                case ProducerEffect.EndStream<SendCallback> end -> wire.endStream(end.streamId());
                case ProducerEffect.TakeIdentity<SendCallback> take ->
                        wire.takeIdentity(this, take);
                case ProducerEffect.FindLeaders<SendCallback> find ->
                        wire.findLeaders(this, find.topic());
                case ProducerEffect.Suspect<SendCallback> suspect -> wire.suspect(suspect.node());
                case ProducerEffect.Delivered<SendCallback> done ->
                        deliver(done.partition(), done.batch(), done.acknowledgement());
                case ProducerEffect.Failed<SendCallback> failed ->
                        fail(failed.partition(), failed.batch(), failed.failure());
            }
        }
    }

    /// The bytes that a request had, for the core's credit.
    void sent(long streamId, PartitionId partition, int batchBytes, int requestBytes) {
        core.onSent(streamId, partition, batchBytes, requestBytes);
    }

    private void deliver(
            PartitionId id, ProducerBatch<SendCallback> batch, Acknowledgement acknowledgement) {
        var durability =
                switch (acknowledgement.durability()) {
                    case 3 -> Durability.FSYNC;
                    case 2 -> Durability.REPLICATED;
                    default -> Durability.LEADER;
                };
        for (int i = 0; i < batch.recordCount(); i++) {
            long offset =
                    acknowledgement.baseOffset() < 0
                            ? Receipt.NO_OFFSET
                            : acknowledgement.baseOffset() + i;
            tell(
                    batch.callback(i),
                    new Receipt(
                            id.topic(),
                            id.partition(),
                            offset,
                            acknowledgement.leaderEpoch(),
                            durability,
                            acknowledgement.replicas(),
                            acknowledgement.durableReplicas()),
                    null);
        }
        flushes.leave(batch.flushEpoch());
        if (isAnswered) {
            memory.giveBack(batch.memory());
        } else {
            memory.forget(batch.memory());
        }
    }

    private void fail(PartitionId id, ProducerBatch<SendCallback> batch, BatchFailure failure) {
        var exception = toException(id, failure);
        for (int i = 0; i < batch.recordCount(); i++) {
            tell(batch.callback(i), null, exception);
        }
        flushes.leave(batch.flushEpoch());
        memory.forget(batch.memory());
    }

    private static void tell(
            SendCallback callback, @Nullable Receipt receipt, @Nullable ClientException failure) {
        try {
            callback.onCompletion(receipt, failure);
        } catch (RuntimeException e) {
            LOG.warn("a send callback threw", e);
        }
    }

    private static ClientException toException(PartitionId id, BatchFailure failure) {
        return switch (failure) {
            case BatchFailure.Refused(RuntimeException cause) -> StatusMapping.toException(cause);
            case BatchFailure.TimedOut(boolean isOutcomeUnknown, RuntimeException last) ->
                    new ClientException.DeliveryTimeout(
                            id.topic()
                                    + "-"
                                    + id.partition()
                                    + ": not acknowledged within the delivery timeout"
                                    + (isOutcomeUnknown ? ", perhaps stored" : ", not sent")
                                    + (last == null ? "" : "; last attempt: " + last.getMessage()),
                            isOutcomeUnknown,
                            last);
            case BatchFailure.OutcomeUnknown(ClientException.Closed closed) -> closed;
            case BatchFailure.OutcomeUnknown(RuntimeException cause) ->
                    new ClientException.OutcomeUnknown(
                            id.topic()
                                    + "-"
                                    + id.partition()
                                    + ": perhaps stored; an attempt went unanswered, and then: "
                                    + cause.getMessage(),
                            cause);
        };
    }

    private void failEverything(@Nullable ClientException cause) {
        var reason = cause == null ? new ClientException.Closed("the producer is closed") : cause;
        perform(core.onClosed(reason));
        var partitions = new ArrayList<>(active);
        for (var partition = activated.poll(); partition != null; partition = activated.poll()) {
            partitions.add(partition);
        }
        partitions.forEach(partition -> failLeft(partition, reason));
    }

    /// Fails what is left in a partition after the thread's end.
    void failLeft(ProducerTopic.Partition partition, ClientException reason) {
        while (true) {
            ProducerBatch<SendCallback> batch;
            synchronized (partition) {
                batch = partition.accumulator.poll(System.nanoTime(), true);
            }
            if (batch == null) {
                return;
            }
            fail(partition.id, batch, new BatchFailure.Refused(reason));
        }
    }
}
