// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A producer's decisions after batching: which batch goes when, on which stream, with which
/// sequence, and what an answer or its absence means.
///
/// The shell reports events, each with the time, and carries out the effects in order. At most one
/// stream a node. Order and sequences are [PartitionSends]' rules, credit is [NodeStream]'s.
///
/// @param <C> what a record's sender is told through
public final class ProducerCore<C> {

    /// Most that a request has beside its batch: the longest topic name and the fields around it.
    static final int REQUEST_OVERHEAD_BYTES = 512;

    /// How a producer sends.
    ///
    /// @param isIdempotent whether batches are sequenced
    /// @param isAnswered `false`: `acks=none`
    /// @param inFlightMax unanswered batches of one partition
    /// @param requestTimeoutNs silence after which a stream is given up
    /// @param seed of the spread of delays
    public record Settings(
            boolean isIdempotent,
            boolean isAnswered,
            int inFlightMax,
            long requestTimeoutNs,
            long seed) {}

    private final Settings settings;
    private final Map<PartitionId, PartitionSends<C>> partitions = new LinkedHashMap<>();
    private final LeaderLookups lookups;
    private final IdentityLease identity;
    private final BatchAnswers<C> answers;
    private final NodeStreams<C> streams;
    private final List<ProducerEffect<C>> effects = new ArrayList<>();
    private final Set<PartitionSends<C>> active = new LinkedHashSet<>();
    private @Nullable RuntimeException fatal;

    /// A producer without partitions, streams or identity.
    public ProducerCore(Settings settings) {
        this.settings = settings;
        this.lookups = new LeaderLookups(settings.seed());
        this.identity = new IdentityLease(RetryBackoff.forStreams(settings.seed()));
        this.answers = new BatchAnswers<>(identity, effects);
        this.streams = new NodeStreams<>(settings, identity, effects);
    }

    /// Whether a partition's next batch may be brought to [#onBatch].
    public boolean hasRoom(PartitionId partition) {
        var sends = partitions.get(partition);
        return sends == null || sends.hasRoom();
    }

    /// Whether a topic has batches without an answer. What is known of its partitions' sequences
    /// stays also without: begun anew, they would let new records pass for old ones.
    public boolean hasBatches(String topic) {
        return active.stream().anyMatch(sends -> sends.id.topic().equals(topic));
    }

    /// Whether time alone can bring about effects soon: something waits for a delay to pass.
    public boolean isWaiting() {
        return active.stream().anyMatch(sends -> sends.isWaiting() || streams.isShut(sends.node()));
    }

    /// A batch was filled, and its partition has room for it.
    public List<ProducerEffect<C>> onBatch(
            PartitionId partition, ProducerBatch<C> batch, long nowNs) {
        if (fatal != null) {
            effects.add(
                    new ProducerEffect.Failed<>(partition, batch, new BatchFailure.Refused(fatal)));
            return take();
        }
        var sends = partition(partition);
        sends.add(batch);
        active.add(sends);
        pump(nowNs);
        return take();
    }

    /// A node said who leads a topic's partitions.
    ///
    /// One answer is one event: taken partition by partition, each would ask again for those that
    /// come after it, and every answer to that as often again.
    ///
    /// @param leaders where to send each partition's batches; what is left out stays where it is
    /// @param areAll whether all have; else it is asked again later
    public List<ProducerEffect<C>> onLeaders(
            String topic, Map<PartitionId, String> leaders, boolean areAll, long nowNs) {
        if (areAll) {
            lookups.answered(topic, nowNs);
        } else {
            lookups.failed(topic, nowNs);
        }
        leaders.forEach((partition, node) -> partition(partition).ledBy(node));
        pump(nowNs);
        return take();
    }

    /// Nobody could say who leads a topic's partitions.
    ///
    /// @param refusal why there is no sense in asking again; `null`: ask again later
    public List<ProducerEffect<C>> onLeadersUnknown(
            String topic, @Nullable RuntimeException refusal, long nowNs) {
        lookups.failed(topic, nowNs);
        if (refusal != null) {
            for (var sends : List.copyOf(active)) {
                if (sends.id.topic().equals(topic) && sends.node() == null) {
                    answers.failAll(sends, refusal);
                }
            }
        }
        pump(nowNs);
        return take();
    }

    /// A stream is open.
    ///
    /// @param creditBytes what may be sent before the first answer
    public List<ProducerEffect<C>> onStreamOpened(long streamId, long creditBytes, long nowNs) {
        var stream = streams.find(streamId);
        if (stream != null) {
            stream.opened(creditBytes);
        }
        pump(nowNs);
        return take();
    }

    /// A stream ended or could not be opened. Every request on it without an answer may have been
    /// carried out.
    public List<ProducerEffect<C>> onStreamEnded(
            long streamId, RuntimeException cause, long nowNs) {
        var stream = streams.find(streamId);
        if (stream != null) {
            lose(stream, cause, nowNs);
        }
        pump(nowNs);
        return take();
    }

    /// A request had less bytes than were set aside for it.
    public void onSent(long streamId, PartitionId partition, int batchBytes, int requestBytes) {
        var stream = streams.find(streamId);
        if (stream != null) {
            stream.giveBack((long) batchBytes + REQUEST_OVERHEAD_BYTES - requestBytes);
        }
    }

    /// A node answered, or granted credit alone.
    ///
    /// @param requestId unknown ones bring credit only
    /// @param outcome `null`: no word about a request
    /// @param creditBytes granted with it
    public List<ProducerEffect<C>> onAnswer(
            long streamId,
            long requestId,
            @Nullable ProduceOutcome outcome,
            long creditBytes,
            long nowNs) {
        var stream = streams.find(streamId);
        if (stream != null && stream.isOpen()) {
            stream.giveBack(creditBytes);
            var request = stream.answered(requestId);
            if (request != null && outcome != null) {
                var end = answers.resolve(request.partition(), request.entry(), outcome, nowNs);
                if (end != null) {
                    fail(end);
                }
            }
        }
        pump(nowNs);
        return take();
    }

    /// A producer identity was given.
    public List<ProducerEffect<C>> onIdentity(ProducerIdentity given, long nowNs) {
        identity.given(given);
        pump(nowNs);
        return take();
    }

    /// No producer identity was given.
    ///
    /// @param refusal why there is no sense in asking again; `null`: ask again later
    public List<ProducerEffect<C>> onIdentityRefused(
            @Nullable RuntimeException refusal, long nowNs) {
        identity.notGiven(refusal == null, nowNs);
        if (refusal != null && !identity.refusedForGood()) {
            fail(refusal);
        }
        pump(nowNs);
        return take();
    }

    /// The producer ends: what is not answered by now fails.
    public List<ProducerEffect<C>> onClosed(RuntimeException cause) {
        fail(cause);
        streams.endAll();
        return take();
    }

    /// Time passed.
    public List<ProducerEffect<C>> onTick(long nowNs) {
        for (var stream : streams.all()) {
            if (stream.isSilent(nowNs, settings.requestTimeoutNs())) {
                streams.end(stream);
                lose(stream, new IllegalStateException("no answer from " + stream.node()), nowNs);
            } else {
                streams.doubt(stream, nowNs).forEach(topic -> askAgain(topic, nowNs));
            }
        }
        for (var sends : List.copyOf(active)) {
            for (var entry : sends.expired(nowNs)) {
                boolean isUnknown = entry.isInFlight || entry.isMaybeStored;
                effects.add(
                        new ProducerEffect.Failed<>(
                                sends.id,
                                entry.batch,
                                new BatchFailure.TimedOut(isUnknown, entry.lastCause)));
                sends.abandon(entry);
            }
        }
        pump(nowNs);
        return take();
    }

    private void lose(NodeStream<C> stream, RuntimeException cause, long nowNs) {
        var touched = streams.lose(stream, cause, nowNs);
        for (var sends : active) {
            if (touched.contains(sends) || stream.node().equals(sends.node())) {
                // The leader may be another by now; until someone says so the same node is tried.
                ask(sends.id.topic(), nowNs);
            }
        }
    }

    private void pump(long nowNs) {
        active.removeIf(sends -> sends.isEmpty() && !sends.needsIdentity());
        for (var sends : List.copyOf(active)) {
            if (fatal != null) {
                answers.failAll(sends, fatal);
            } else {
                pump(sends, nowNs);
            }
        }
        active.removeIf(sends -> sends.isEmpty() && !sends.needsIdentity());
    }

    private void pump(PartitionSends<C> sends, long nowNs) {
        if (!hasIdentity(sends, nowNs)) {
            return;
        }
        var node = sends.node();
        if (node == null || lookups.isOpen(sends.id.topic())) {
            ask(sends.id.topic(), nowNs);
        }
        if (node != null && streams.carry(sends, node, nowNs)) {
            // Last in line for the next credit, so that no partition takes it all.
            active.remove(sends);
            active.add(sends);
        }
    }

    private boolean hasIdentity(PartitionSends<C> sends, long nowNs) {
        if (!settings.isIdempotent()) {
            return true;
        }
        var current = identity.current();
        if (current == null || (sends.needsIdentity() && current.equals(sends.identity()))) {
            if (identity.ask(nowNs)) {
                effects.add(new ProducerEffect.TakeIdentity<>(identity.predecessor()));
            }
            return false;
        }
        if (sends.needsIdentity()) {
            sends.renew(current);
        }
        return true;
    }

    private void ask(String topic, long nowNs) {
        if (lookups.ask(topic, nowNs)) {
            effects.add(new ProducerEffect.FindLeaders<>(topic));
        }
    }

    private void askAgain(String topic, long nowNs) {
        if (lookups.askAgain(topic, nowNs)) {
            effects.add(new ProducerEffect.FindLeaders<>(topic));
        }
    }

    private PartitionSends<C> partition(PartitionId partition) {
        return partitions.computeIfAbsent(
                partition,
                id ->
                        new PartitionSends<>(
                                id,
                                settings.inFlightMax(),
                                RetryBackoff.forStreams(settings.seed() + partitions.size())));
    }

    private void fail(RuntimeException cause) {
        fatal = cause;
        for (var sends : List.copyOf(active)) {
            answers.failAll(sends, cause);
        }
    }

    private List<ProducerEffect<C>> take() {
        var taken = List.copyOf(effects);
        effects.clear();
        return taken;
    }
}
