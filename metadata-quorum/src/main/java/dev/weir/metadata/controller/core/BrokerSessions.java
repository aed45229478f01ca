// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerEffect.SessionEnded;
import dev.weir.metadata.controller.core.ControllerEffect.SessionEnded.Cause;
import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.BrokersImage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// Who is live, as this controller hears it.
///
/// ```
///               stream opened                    closed
///   Absent ──────────────────────▶ Streaming ──────────────▶ Absent (probed)
///     │ probe refused, or              │ silent for the session timeout
///     │ session timeout                ▼
///     └──────────────────────────▶ Ended: to be fenced
/// ```
///
/// A session belongs to one incarnation; only that of the registered one counts. Deadlines are
/// looked at in [#tick] alone, and a tick that comes late adds its lateness to all of them first: a
/// controller that stood still has not listened, and judges nobody for that.
///
/// Owned by the controller. Bounded by the streams that are open and the brokers registered.
final class BrokerSessions {

    private record Key(int nodeId, UUID incarnation) {}

    private static final Comparator<Key> BY_NODE =
            Comparator.comparingInt(Key::nodeId).thenComparing(Key::incarnation);

    /// An open stream, or several while a broker reconnects.
    private static final class Streaming {
        private int streamCount;
        private long deadlineMs;
        private long metadataOffset;
        private long oldestWorkMs;
    }

    /// A registered process without a stream.
    private record Absence(UUID incarnation, long probeId, long deadlineMs, boolean isOver) {

        Absence until(long laterMs) {
            return new Absence(incarnation, probeId, laterMs, isOver);
        }

        Absence over() {
            return new Absence(incarnation, probeId, deadlineMs, true);
        }
    }

    private final ControllerSettings settings;
    private final TreeMap<Key, Streaming> streams = new TreeMap<>(BY_NODE);
    private final TreeMap<Integer, Absence> absences = new TreeMap<>();
    private long lastTickMs;
    private long lastProbeId;

    BrokerSessions(ControllerSettings settings) {
        this.settings = settings;
    }

    /// The timer starts here; lateness is counted from now on.
    void start(long nowMs) {
        lastTickMs = nowMs;
    }

    /// Forgets everything: this node no longer leads.
    void clear() {
        streams.clear();
        absences.clear();
    }

    void opened(int nodeId, UUID incarnation, long nowMs) {
        var stream = streams.computeIfAbsent(new Key(nodeId, incarnation), _ -> new Streaming());
        stream.streamCount++;
        stream.deadlineMs = nowMs + settings.sessionTimeoutMs();
        var absence = absences.get(nodeId);
        if (absence != null && absence.incarnation().equals(incarnation)) {
            absences.remove(nodeId);
        }
    }

    /// A heartbeat on a stream whose session had ended opens a new session.
    ///
    /// @return whether it did, or whether the broker became overloaded or ceased to be
    boolean heard(ControllerEvent.HeartbeatReceived heartbeat, long nowMs) {
        var key = new Key(heartbeat.nodeId(), heartbeat.incarnation());
        var isNew = !streams.containsKey(key);
        if (isNew) {
            opened(heartbeat.nodeId(), heartbeat.incarnation(), nowMs);
        }
        var stream = streams.get(key);
        if (stream == null) {
            throw new IllegalStateException("no session for " + key);
        }
        var wasOverloaded = isOverloaded(stream);
        stream.deadlineMs = nowMs + settings.sessionTimeoutMs();
        stream.metadataOffset = Math.max(stream.metadataOffset, heartbeat.metadataOffset());
        stream.oldestWorkMs = heartbeat.oldestWorkMs();
        return isNew || wasOverloaded != isOverloaded(stream);
    }

    /// @return the probe to send, if it was the last stream of a registered process
    Optional<ControllerEffect> closed(
            int nodeId, UUID incarnation, BrokersImage brokers, long nowMs) {
        var key = new Key(nodeId, incarnation);
        var stream = streams.get(key);
        if (stream == null || --stream.streamCount > 0) {
            return Optional.empty();
        }
        streams.remove(key);
        return brokers.broker(nodeId)
                .filter(broker -> broker.incarnation().equals(incarnation))
                .map(broker -> absent(broker, nowMs));
    }

    /// Brokers that nobody has heard of yet are probed: the controller is new.
    List<ControllerEffect> probeUnknown(BrokersImage brokers, long nowMs) {
        var probes = new ArrayList<ControllerEffect>();
        for (var broker : brokers.all()) {
            var absence = absences.get(broker.nodeId());
            var isKnown =
                    isStreaming(broker)
                            || (absence != null
                                    && absence.incarnation().equals(broker.incarnation()));
            if (!broker.isFenced() && !isKnown) {
                probes.add(absent(broker, nowMs));
            }
        }
        return probes;
    }

    /// Counts only while no stream has come since the probe was sent.
    ///
    /// @return the session that the answer ended, if it did
    Optional<ControllerEffect> probed(ControllerEvent.ProbeFinished probe) {
        var absence = absences.get(probe.nodeId());
        if (absence == null
                || absence.probeId() != probe.probeId()
                || !probe.isRefused()
                || absence.isOver()) {
            return Optional.empty();
        }
        absences.put(probe.nodeId(), absence.over());
        return Optional.of(new SessionEnded(probe.nodeId(), absence.incarnation(), Cause.REFUSED));
    }

    /// Ends the sessions whose time is up.
    ///
    /// @return those of registered processes that ended
    List<ControllerEffect> tick(BrokersImage brokers, long nowMs) {
        var lateMs = Math.max(0, nowMs - lastTickMs - settings.tickMs());
        lastTickMs = nowMs;
        for (var absence : absences.entrySet()) {
            absence.setValue(absence.getValue().until(absence.getValue().deadlineMs() + lateMs));
        }
        for (var entry : new ArrayList<>(streams.entrySet())) {
            var stream = entry.getValue();
            stream.deadlineMs += lateMs;
            if (nowMs > stream.deadlineMs) {
                streams.remove(entry.getKey());
                silent(entry.getKey(), stream.deadlineMs, brokers);
            }
        }
        var ended = new ArrayList<ControllerEffect>();
        for (var entry : absences.entrySet()) {
            var absence = entry.getValue();
            if (!absence.isOver() && nowMs > absence.deadlineMs()) {
                entry.setValue(absence.over());
                ended.add(new SessionEnded(entry.getKey(), absence.incarnation(), Cause.SILENT));
            }
        }
        return ended;
    }

    /// A stream that hangs on from an earlier process says nothing of the one registered now.
    private void silent(Key process, long deadlineMs, BrokersImage brokers) {
        brokers.broker(process.nodeId())
                .filter(broker -> broker.incarnation().equals(process.incarnation()))
                .ifPresent(
                        broker ->
                                absences.put(
                                        broker.nodeId(),
                                        new Absence(broker.incarnation(), 0, deadlineMs, false)));
    }

    /// Brokers whose registered process has a live stream.
    SortedSet<Integer> live(BrokersImage brokers) {
        var live = new TreeSet<Integer>();
        for (var broker : brokers.all()) {
            if (isStreaming(broker)) {
                live.add(broker.nodeId());
            }
        }
        return live;
    }

    /// Brokers whose registered process is known to be gone, or was silent for too long.
    SortedSet<Integer> ended(BrokersImage brokers) {
        var ended = new TreeSet<Integer>();
        for (var broker : brokers.all()) {
            var absence = absences.get(broker.nodeId());
            if (absence != null
                    && absence.isOver()
                    && absence.incarnation().equals(broker.incarnation())
                    && !isStreaming(broker)) {
                ended.add(broker.nodeId());
            }
        }
        return ended;
    }

    /// Live brokers with work that is older than the session timeout.
    SortedSet<Integer> overloaded(BrokersImage brokers) {
        var overloaded = new TreeSet<Integer>();
        for (var broker : brokers.all()) {
            var stream = streams.get(new Key(broker.nodeId(), broker.incarnation()));
            if (stream != null && isOverloaded(stream)) {
                overloaded.add(broker.nodeId());
            }
        }
        return overloaded;
    }

    /// Offset of the image that the registered process of a broker said it acts on; 0 if unknown.
    long metadataOffset(BrokerState broker) {
        var stream = streams.get(new Key(broker.nodeId(), broker.incarnation()));
        return stream == null ? 0 : stream.metadataOffset;
    }

    private boolean isStreaming(BrokerState broker) {
        return streams.containsKey(new Key(broker.nodeId(), broker.incarnation()));
    }

    private boolean isOverloaded(Streaming stream) {
        return stream.oldestWorkMs > settings.sessionTimeoutMs();
    }

    private ControllerEffect absent(BrokerState broker, long nowMs) {
        lastProbeId++;
        absences.put(
                broker.nodeId(),
                new Absence(
                        broker.incarnation(),
                        lastProbeId,
                        nowMs + settings.sessionTimeoutMs(),
                        false));
        return new ControllerEffect.Probe(
                lastProbeId,
                broker.nodeId(),
                broker.incarnation(),
                broker.registration().internalEndpoint());
    }
}
