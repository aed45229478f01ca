// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import dev.weir.client.TopicPartition;
import dev.weir.it.History.Outcome;
import dev.weir.it.History.Read;
import dev.weir.it.History.RecordId;
import dev.weir.it.History.Sent;
import dev.weir.it.History.Stored;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Judges a history. A log needs no search for an order that explains what was seen, as a register
/// does: the offsets are the order, and each rule is one walk.
///
/// Pure; it knows nothing of the cluster but the history.
final class HistoryChecker {

    /// What a log promises.
    enum Rule {
        /// A record that was acknowledged is there.
        NOTHING_ACKNOWLEDGED_IS_LOST,
        /// A record that was acknowledged is there at its offset, with its bytes.
        NOTHING_ACKNOWLEDGED_CHANGES,
        /// A record is there once.
        NO_DUPLICATE,
        /// The records of a producer are in the order in which it sent them.
        ORDER_OF_A_PRODUCER,
        /// What a reader got is there, at that offset, with those bytes.
        WHAT_WAS_READ_STAYS,
        /// A reader gets the offsets in order, each once, none left out.
        A_READER_GETS_ALL_IN_ORDER,
        /// A record that was acknowledged before another one was sent is before it.
        ORDER_IN_TIME,
        /// What is there was sent, with those bytes.
        NOTHING_IS_INVENTED,
        /// A record that was refused is not there.
        NOTHING_REFUSED_IS_STORED,
        /// One read from start to end gets rising offsets.
        OFFSETS_RISE
    }

    /// A broken promise.
    record Violation(Rule rule, TopicPartition partition, String text) {}

    private final History history;
    private final List<Violation> violations = new ArrayList<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    /// Every violation, those of one partition together.
    static List<Violation> check(History history) {
        var checker = new HistoryChecker(history);
        var names =
                new TreeSet<>(
                        Comparator.comparing(TopicPartition::topic)
                                .thenComparing(TopicPartition::partition));
        names.addAll(history.stored().keySet());
        history.sent().forEach(sent -> names.add(sent.partition()));
        history.read().forEach(read -> names.add(read.partition()));
        names.forEach(checker::checkPartition);
        return List.copyOf(checker.violations);
    }

    private void checkPartition(TopicPartition partition) {
        var sent = history.sent().stream().filter(s -> s.partition().equals(partition)).toList();
        var stored = history.stored().getOrDefault(partition, List.of());
        var byOffset = new TreeMap<Long, Stored>();
        var offsets = new HashMap<RecordId, Long>();
        checkStored(partition, stored, byOffset, offsets);
        checkSent(partition, sent, byOffset, offsets);
        checkInvented(partition, sent, byOffset);
        checkReads(partition, byOffset);
        checkOrderInTime(partition, sent, offsets);
    }

    /// Offsets, duplicates and the producers' order, from what is stored alone. Fills the two maps.
    private void checkStored(
            TopicPartition partition,
            List<Stored> stored,
            TreeMap<Long, Stored> byOffset,
            Map<RecordId, Long> offsets) {
        var lastNumber = new HashMap<Integer, Long>();
        for (var record : stored) {
            if (!byOffset.isEmpty() && record.offset() <= byOffset.lastKey()) {
                found(Rule.OFFSETS_RISE, partition, record + " came after " + byOffset.lastKey());
            }
            byOffset.putIfAbsent(record.offset(), record);
            var first = offsets.putIfAbsent(record.id(), record.offset());
            if (first != null) {
                found(Rule.NO_DUPLICATE, partition, record + " is also at offset " + first);
                continue;
            }
            var before = lastNumber.put(record.id().producer(), record.id().number());
            if (before != null && before > record.id().number()) {
                found(Rule.ORDER_OF_A_PRODUCER, partition, record + " is after number " + before);
            }
        }
    }

    private void checkSent(
            TopicPartition partition,
            List<Sent> sent,
            Map<Long, Stored> byOffset,
            Map<RecordId, Long> offsets) {
        for (var record : sent) {
            switch (record.outcome()) {
                case Outcome.Acknowledged acknowledged ->
                        checkAcknowledged(
                                partition,
                                record,
                                byOffset.get(acknowledged.offset()),
                                offsets.get(record.id()));
                case Outcome.Refused _ -> {
                    if (offsets.containsKey(record.id())) {
                        found(
                                Rule.NOTHING_REFUSED_IS_STORED,
                                partition,
                                record + " is at offset " + offsets.get(record.id()));
                    }
                }
                case Outcome.Unknown _ -> {}
            }
        }
    }

    private void checkAcknowledged(
            TopicPartition partition,
            Sent record,
            @Nullable Stored there,
            @Nullable Long elsewhere) {
        if (there == null && elsewhere == null) {
            found(Rule.NOTHING_ACKNOWLEDGED_IS_LOST, partition, record + " is not there");
        } else if (there == null
                || !there.id().equals(record.id())
                || there.crc() != record.crc()) {
            found(
                    Rule.NOTHING_ACKNOWLEDGED_CHANGES,
                    partition,
                    record + " was found as " + there + ", and at offset " + elsewhere);
        }
    }

    private void checkInvented(
            TopicPartition partition, List<Sent> sent, TreeMap<Long, Stored> byOffset) {
        var crcs = new HashMap<RecordId, Integer>();
        sent.forEach(record -> crcs.put(record.id(), record.crc()));
        for (var record : byOffset.values()) {
            var crc = crcs.get(record.id());
            if (crc == null || crc != record.crc()) {
                found(
                        Rule.NOTHING_IS_INVENTED,
                        partition,
                        record + " was " + (crc == null ? "never sent" : "sent with crc " + crc));
            }
        }
    }

    private void checkReads(TopicPartition partition, TreeMap<Long, Stored> byOffset) {
        var last = new HashMap<Integer, Long>();
        for (var read : history.read()) {
            if (!read.partition().equals(partition)) {
                continue;
            }
            var there = byOffset.get(read.offset());
            if (there == null || !there.id().equals(read.id()) || there.crc() != read.crc()) {
                found(Rule.WHAT_WAS_READ_STAYS, partition, read + " is now " + there);
            }
            var before = last.put(read.reader(), read.offset());
            if (before != null && !follows(byOffset, before, read)) {
                found(
                        Rule.A_READER_GETS_ALL_IN_ORDER,
                        partition,
                        read + " came right after offset " + before);
            }
        }
    }

    private static boolean follows(TreeMap<Long, Stored> byOffset, long before, Read read) {
        return before < read.offset()
                && byOffset.subMap(before, false, read.offset(), false).isEmpty();
    }

    /// Walks sends and acknowledgements by time: no record may be below the highest offset that was
    /// acknowledged before it was sent.
    private void checkOrderInTime(
            TopicPartition partition, List<Sent> sent, Map<RecordId, Long> offsets) {
        var acknowledged = new ArrayList<Outcome.Acknowledged>();
        for (var record : sent) {
            if (record.outcome() instanceof Outcome.Acknowledged outcome) {
                acknowledged.add(outcome);
            }
        }
        acknowledged.sort(Comparator.comparingLong(Outcome.Acknowledged::atNs));
        var bySending = new ArrayList<>(sent);
        bySending.sort(Comparator.comparingLong(Sent::atNs));
        var next = 0;
        var highest = -1L;
        var reported = new HashSet<RecordId>();
        for (var record : bySending) {
            while (next < acknowledged.size() && acknowledged.get(next).atNs() < record.atNs()) {
                highest = Math.max(highest, acknowledged.get(next).offset());
                next++;
            }
            var offset =
                    record.outcome() instanceof Outcome.Acknowledged outcome
                            ? Long.valueOf(outcome.offset())
                            : offsets.get(record.id());
            if (offset != null && offset <= highest && reported.add(record.id())) {
                found(
                        Rule.ORDER_IN_TIME,
                        partition,
                        record + " at " + offset + " was sent after " + highest + " was known");
            }
        }
    }

    private void found(Rule rule, TopicPartition partition, String text) {
        violations.add(new Violation(rule, partition, text));
    }
}
