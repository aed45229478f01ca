// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which stream carries what: at most one stream a node, opened when there is something to send.
final class NodeStreams<C> {

    /// Silence after which a node may have ceased to lead.
    private static final long DOUBT_NS = 500_000_000;

    /// Silence after which a node may be out of reach. A node that is only slow costs a connection
    /// by finding out.
    private static final long SUSPECT_NS = 300_000_000;

    private final ProducerCore.Settings settings;
    private final IdentityLease identity;
    private final List<ProducerEffect<C>> effects;
    private final Map<String, NodeStream<C>> nodes = new LinkedHashMap<>();
    private long lastStreamId;
    private long lastRequestId;

    /// @param identity whose sequences batches get
    /// @param effects where to add what is to be done
    NodeStreams(
            ProducerCore.Settings settings,
            IdentityLease identity,
            List<ProducerEffect<C>> effects) {
        this.settings = settings;
        this.identity = identity;
        this.effects = effects;
    }

    /// The stream of this number; `null` if it is over.
    @Nullable NodeStream<C> find(long streamId) {
        for (var stream : nodes.values()) {
            if (stream.streamId() == streamId && !stream.isClosed()) {
                return stream;
            }
        }
        return null;
    }

    /// The streams of all nodes that were ever sent to, those that are closed included.
    Collection<NodeStream<C>> all() {
        return nodes.values();
    }

    /// Whether a node has no stream, nor one that is being opened.
    boolean isShut(@Nullable String node) {
        var stream = nodes.get(node);
        return stream == null || stream.isClosed();
    }

    /// Sends a node what a partition has for it, as far as stream and credit allow.
    ///
    /// @return whether something was sent
    boolean carry(PartitionSends<C> sends, String node, long nowNs) {
        var stream =
                nodes.computeIfAbsent(
                        node,
                        name ->
                                new NodeStream<>(
                                        name,
                                        RetryBackoff.forStreams(settings.seed() - nodes.size())));
        boolean isSent = false;
        for (var entry = sends.nextToSend(nowNs); entry != null; entry = sends.nextToSend(nowNs)) {
            if (stream.mayOpen(nowNs)) {
                stream.opening(++lastStreamId, nowNs);
                effects.add(new ProducerEffect.OpenStream<>(node, lastStreamId));
            }
            long bytesMax = (long) entry.batch.sizeBytes() + ProducerCore.REQUEST_OVERHEAD_BYTES;
            if (!stream.isOpen() || !stream.charge(bytesMax)) {
                return isSent;
            }
            send(sends, entry, stream, nowNs);
            isSent = true;
        }
        return isSent;
    }

    private void send(
            PartitionSends<C> sends,
            PartitionSends.Entry<C> entry,
            NodeStream<C> stream,
            long nowNs) {
        int sizeBefore = entry.batch.sizeBytes();
        sends.send(entry, identity.current());
        stream.giveBack(sizeBefore - entry.batch.sizeBytes()); // compression, at the first sending
        long requestId = ++lastRequestId;
        effects.add(new ProducerEffect.Send<>(stream.streamId(), requestId, sends.id, entry.batch));
        if (settings.isAnswered()) {
            stream.sent(requestId, new NodeStream.Unanswered<>(sends, entry, nowNs));
        } else {
            sends.settle(entry);
            effects.add(
                    new ProducerEffect.Delivered<>(sends.id, entry.batch, Acknowledgement.NONE));
        }
    }

    /// A stream is over, and what it carried comes back.
    ///
    /// @return the partitions of what came back
    Set<PartitionSends<C>> lose(NodeStream<C> stream, RuntimeException cause, long nowNs) {
        var lost = stream.closed(true, nowNs);
        Set<PartitionSends<C>> touched = new HashSet<>();
        for (var request : lost.values()) {
            request.partition().again(request.entry(), true, 0, cause, nowNs);
            touched.add(request.partition());
        }
        return touched;
    }

    /// A node that is silent for a while may be the leader no more, without knowing it. Once
    /// another one is, the request goes there; until then it stays where it is.
    ///
    /// @return topics of which somebody should say who leads
    Set<String> doubt(NodeStream<C> stream, long nowNs) {
        if (stream.isSuspect(nowNs, SUSPECT_NS)) {
            effects.add(new ProducerEffect.Suspect<>(stream.node()));
        }
        var topics = new LinkedHashSet<String>();
        for (var overdue : stream.overdue(nowNs, DOUBT_NS).entrySet()) {
            var sends = overdue.getValue().partition();
            if (stream.node().equals(sends.node())) {
                topics.add(sends.id.topic());
            } else if (sends.node() != null) {
                stream.forget(overdue.getKey());
                var cause = new IllegalStateException("no answer from " + stream.node());
                sends.again(overdue.getValue().entry(), true, 0, cause, nowNs);
            }
        }
        return topics;
    }

    /// Ends the call of a stream.
    void end(NodeStream<C> stream) {
        effects.add(new ProducerEffect.EndStream<>(stream.streamId()));
    }

    /// Ends all that are not closed.
    void endAll() {
        for (var stream : nodes.values()) {
            if (!stream.isClosed()) {
                end(stream);
            }
        }
    }
}
