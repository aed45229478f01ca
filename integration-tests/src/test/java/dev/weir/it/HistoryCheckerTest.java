// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.TopicPartition;
import dev.weir.it.History.Outcome;
import dev.weir.it.History.Read;
import dev.weir.it.History.RecordId;
import dev.weir.it.History.Sent;
import dev.weir.it.History.Stored;
import dev.weir.it.HistoryChecker.Rule;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One planted history a rule: a checker that finds nothing in it is blind to that rule.
class HistoryCheckerTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final List<Sent> sent = new ArrayList<>();
    private final List<Read> read = new ArrayList<>();
    private final List<Stored> stored = new ArrayList<>();

    @Test
    void findsNothingInAHistoryOfTwoProducersWhereAllIsWell() {
        acknowledged(1, 0, 0, 10, 20);
        acknowledged(2, 0, 1, 12, 22);
        acknowledged(1, 1, 2, 21, 30);
        unknown(2, 1, 23);
        unknown(2, 2, 24);
        stored(0, 1, 0);
        stored(1, 2, 0);
        stored(2, 1, 1);
        stored(3, 2, 1);
        read(1, 0, 1, 0);
        read(1, 1, 2, 0);
        read(2, 1, 2, 0);
        read(2, 2, 1, 1);
        read(2, 3, 2, 1);

        assertThat(check()).isEmpty();
    }

    @Test
    void findsAnAcknowledgedRecordThatIsNotThere() {
        acknowledged(1, 0, 0, 10, 20);
        acknowledged(1, 1, 1, 10, 20);
        stored(0, 1, 0);

        assertThat(check()).containsExactly(Rule.NOTHING_ACKNOWLEDGED_IS_LOST);
    }

    @Test
    void findsThatAWholePartitionIsEmpty() {
        acknowledged(1, 0, 0, 10, 20);

        assertThat(check()).containsExactly(Rule.NOTHING_ACKNOWLEDGED_IS_LOST);
    }

    @Test
    void findsAnAcknowledgedRecordThatIsAtAnotherOffset() {
        acknowledged(1, 0, 0, 10, 20);
        stored(5, 1, 0);

        assertThat(check()).containsExactly(Rule.NOTHING_ACKNOWLEDGED_CHANGES);
    }

    @Test
    void findsAnAcknowledgedRecordWithOtherBytes() {
        acknowledged(1, 0, 0, 10, 20);
        stored.add(new Stored(0, new RecordId(1, 0), 4711));

        assertThat(check())
                .containsExactly(Rule.NOTHING_ACKNOWLEDGED_CHANGES, Rule.NOTHING_IS_INVENTED);
    }

    @Test
    void findsARecordThatIsStoredTwice() {
        acknowledged(1, 0, 0, 10, 20);
        stored(0, 1, 0);
        stored(1, 1, 0);

        assertThat(check()).containsExactly(Rule.NO_DUPLICATE);
    }

    @Test
    void findsRecordsOfAProducerThatChangedPlaces() {
        unknown(1, 0, 10);
        unknown(1, 1, 11);
        stored(0, 1, 1);
        stored(1, 1, 0);

        assertThat(check()).containsExactly(Rule.ORDER_OF_A_PRODUCER);
    }

    @Test
    void doesNotMindAnUnacknowledgedRecordThatIsMissingInTheMiddle() {
        unknown(1, 0, 10);
        unknown(1, 1, 11);
        unknown(1, 2, 12);
        stored(0, 1, 0);
        stored(1, 1, 2);

        assertThat(check()).isEmpty();
    }

    @Test
    void findsAReadRecordThatIsGone() {
        unknown(1, 0, 10);
        read(1, 0, 1, 0);

        assertThat(check()).containsExactly(Rule.WHAT_WAS_READ_STAYS);
    }

    @Test
    void findsAReadRecordThatIsAnotherOneNow() {
        unknown(1, 0, 10);
        unknown(1, 1, 10);
        stored(0, 1, 1);
        read(1, 0, 1, 0);

        assertThat(check()).containsExactly(Rule.WHAT_WAS_READ_STAYS);
    }

    @Test
    void findsAReaderThatGoesBack() {
        unknown(1, 0, 10);
        unknown(1, 1, 11);
        stored(0, 1, 0);
        stored(1, 1, 1);
        read(1, 1, 1, 1);
        read(1, 0, 1, 0);

        assertThat(check()).containsExactly(Rule.A_READER_GETS_ALL_IN_ORDER);
    }

    @Test
    void findsAReaderThatGetsARecordAgain() {
        unknown(1, 0, 10);
        stored(0, 1, 0);
        read(1, 0, 1, 0);
        read(1, 0, 1, 0);

        assertThat(check()).containsExactly(Rule.A_READER_GETS_ALL_IN_ORDER);
    }

    @Test
    void findsAReaderThatLeavesARecordOut() {
        unknown(1, 0, 10);
        unknown(1, 1, 11);
        unknown(1, 2, 12);
        stored(0, 1, 0);
        stored(1, 1, 1);
        stored(2, 1, 2);
        read(1, 0, 1, 0);
        read(1, 2, 1, 2);

        assertThat(check()).containsExactly(Rule.A_READER_GETS_ALL_IN_ORDER);
    }

    @Test
    void doesNotMindOffsetsThatHoldNoRecord() {
        unknown(1, 0, 10);
        unknown(1, 1, 11);
        stored(0, 1, 0);
        stored(7, 1, 1);
        read(1, 0, 1, 0);
        read(1, 7, 1, 1);

        assertThat(check()).isEmpty();
    }

    @Test
    void findsARecordBelowOneThatWasAcknowledgedBeforeItWasSent() {
        acknowledged(1, 0, 1, 10, 20);
        acknowledged(2, 0, 0, 21, 30);
        stored(0, 2, 0);
        stored(1, 1, 0);

        assertThat(check()).containsExactly(Rule.ORDER_IN_TIME);
    }

    @Test
    void findsAnUnacknowledgedRecordBelowOneThatWasAcknowledgedBeforeItWasSent() {
        acknowledged(1, 0, 1, 10, 20);
        unknown(2, 0, 21);
        stored(0, 2, 0);
        stored(1, 1, 0);

        assertThat(check()).containsExactly(Rule.ORDER_IN_TIME);
    }

    @Test
    void doesNotMindAnyOrderOfRecordsThatWereOnTheirWayTogether() {
        acknowledged(1, 0, 1, 10, 20);
        acknowledged(2, 0, 0, 19, 30);
        stored(0, 2, 0);
        stored(1, 1, 0);

        assertThat(check()).isEmpty();
    }

    @Test
    void findsTwoRecordsThatWereAcknowledgedAtOneOffset() {
        acknowledged(1, 0, 0, 10, 20);
        acknowledged(2, 0, 0, 10, 20);
        stored(0, 1, 0);

        assertThat(check()).containsExactly(Rule.NOTHING_ACKNOWLEDGED_CHANGES);
    }

    @Test
    void findsARecordThatNobodySent() {
        stored(0, 1, 0);

        assertThat(check()).containsExactly(Rule.NOTHING_IS_INVENTED);
    }

    @Test
    void findsARefusedRecordThatIsStored() {
        var id = new RecordId(1, 0);
        sent.add(new Sent(PARTITION, id, crc(id), 10, new Outcome.Refused("NOT_ENOUGH_REPLICAS")));
        stored(0, 1, 0);

        assertThat(check()).containsExactly(Rule.NOTHING_REFUSED_IS_STORED);
    }

    @Test
    void findsAnOffsetThatComesAgainInTheLastRead() {
        unknown(1, 0, 10);
        unknown(2, 0, 10);
        stored(0, 1, 0);
        stored(0, 2, 0);

        assertThat(check()).containsExactly(Rule.OFFSETS_RISE);
    }

    @Test
    void keepsPartitionsApart() {
        var other = new TopicPartition("t", 1);
        var id = new RecordId(1, 0);
        sent.add(new Sent(other, id, crc(id), 10, new Outcome.Acknowledged(0, 20)));
        stored(0, 1, 0);
        unknown(1, 0, 10);

        assertThat(HistoryChecker.check(new History(sent, read, Map.of(PARTITION, stored))))
                .singleElement()
                .satisfies(found -> assertThat(found.partition()).isEqualTo(other));
    }

    private List<Rule> check() {
        return HistoryChecker.check(new History(sent, read, Map.of(PARTITION, stored))).stream()
                .map(HistoryChecker.Violation::rule)
                .toList();
    }

    private void acknowledged(int producer, long number, long offset, long sentNs, long ackedNs) {
        var id = new RecordId(producer, number);
        var outcome = new Outcome.Acknowledged(offset, ackedNs);
        sent.add(new Sent(PARTITION, id, crc(id), sentNs, outcome));
    }

    private void unknown(int producer, long number, long sentNs) {
        var id = new RecordId(producer, number);
        sent.add(new Sent(PARTITION, id, crc(id), sentNs, new Outcome.Unknown()));
    }

    private void stored(long offset, int producer, long number) {
        var id = new RecordId(producer, number);
        stored.add(new Stored(offset, id, crc(id)));
    }

    private void read(int reader, long offset, int producer, long number) {
        var id = new RecordId(producer, number);
        read.add(new Read(reader, PARTITION, offset, id, crc(id)));
    }

    private static int crc(RecordId id) {
        return id.hashCode();
    }
}
