// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import java.util.HashMap;
import java.util.Map;

/// Questions for topics' leaders: at most one at a time for a topic, and not too soon after one
/// that failed.
final class LeaderLookups {

    private final long seed;
    private final Map<String, Lookup> byTopic = new HashMap<>();

    private static final class Lookup {
        final RetryBackoff backoff;
        boolean isAsked;
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

    void answered(String topic) {
        var lookup = lookup(topic);
        lookup.isAsked = false;
        lookup.mustWait = false;
        lookup.backoff.reset();
    }

    void failed(String topic, long nowNs) {
        var lookup = lookup(topic);
        lookup.isAsked = false;
        lookup.mustWait = true;
        lookup.askAtNs = nowNs + lookup.backoff.nextDelayMs() * 1_000_000;
    }

    private Lookup lookup(String topic) {
        return byTopic.computeIfAbsent(
                topic, _ -> new Lookup(RetryBackoff.forStreams(seed + byTopic.size())));
    }
}
