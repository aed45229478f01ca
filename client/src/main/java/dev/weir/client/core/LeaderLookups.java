// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import java.util.HashMap;
import java.util.Map;

/// Questions for topics' leaders: at most one at a time for a topic, and not too soon after one
/// that failed.
final class LeaderLookups {

    /// How old an answer is at least before it is asked for again without a sign that it is wrong.
    private static final long STALE_NS = 500_000_000;

    private final long seed;
    private final Map<String, Lookup> byTopic = new HashMap<>();

    private static final class Lookup {
        final RetryBackoff backoff;
        boolean isAsked;
        boolean isAnswered;
        long answeredAtNs;
        boolean mustWait;
        long askAtNs;

        Lookup(RetryBackoff backoff) {
            this.backoff = backoff;
        }
    }

    LeaderLookups(long seed) {
        this.seed = seed;
    }

    /// @return whether to ask now
    boolean ask(String topic, long nowNs) {
        var lookup = lookup(topic);
        if (lookup.isAsked || (lookup.mustWait && nowNs - lookup.askAtNs < 0)) {
            return false;
        }
        lookup.isAsked = true;
        return true;
    }

    /// Asks though nothing says that the last answer is wrong.
    ///
    /// @return whether to ask now
    boolean askAgain(String topic, long nowNs) {
        var lookup = lookup(topic);
        boolean isFresh = lookup.isAnswered && nowNs - lookup.answeredAtNs < STALE_NS;
        return !isFresh && ask(topic, nowNs);
    }

    void answered(String topic, long nowNs) {
        var lookup = lookup(topic);
        lookup.isAnswered = true;
        lookup.answeredAtNs = nowNs;
        lookup.isAsked = false;
        lookup.mustWait = false;
        lookup.backoff.reset();
    }

    /// Whether the last answer left something open.
    boolean isOpen(String topic) {
        return lookup(topic).mustWait;
    }

    void failed(String topic, long nowNs) {
        var lookup = lookup(topic);
        lookup.isAsked = false;
        lookup.mustWait = true;
        lookup.askAtNs = nowNs + lookup.backoff.nextDelayMs() * 1_000_000;
    }

    private Lookup lookup(String topic) {
        return byTopic.computeIfAbsent(
                topic, _ -> new Lookup(RetryBackoff.forLeaders(seed + byTopic.size())));
    }
}
