// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

import org.jspecify.annotations.Nullable;

/// The producer's newest identity, and whether another is being asked for.
final class IdentityLease {

    private final RetryBackoff backoff;
    private @Nullable ProducerIdentity current;
    private boolean isAsked;
    private boolean isFresh;
    private int unanswered;
    private int skippedEpochs;
    private boolean mustWait;
    private long askAtNs;

    IdentityLease(RetryBackoff backoff) {
        this.backoff = backoff;
    }

    @Nullable ProducerIdentity current() {
        return current;
    }

    /// The identity that the next one is to follow; `null`: a new producer id.
    @Nullable ProducerIdentity predecessor() {
        return isFresh || current == null
                ? null
                : new ProducerIdentity(
                        current.producerId(), (short) (current.producerEpoch() + skippedEpochs));
    }

    /// What was asked for is refused. An epoch may have been given in an answer that was lost, and
    /// only the last one given can be followed: so the next attempt names the epoch after. The same
    /// producer id is kept as long as possible, because its newer epoch fences requests that still
    /// lie in some connection.
    ///
    /// @return `false` if a new producer id was what was refused
    boolean refusedForGood() {
        if (predecessor() == null) {
            return false;
        }
        if (skippedEpochs < unanswered) {
            skippedEpochs++;
        } else {
            isFresh = true;
        }
        return true;
    }

    /// @return whether to ask now
    boolean ask(long nowNs) {
        if (isAsked || (mustWait && nowNs - askAtNs < 0)) {
            return false;
        }
        isAsked = true;
        return true;
    }

    void given(ProducerIdentity identity) {
        current = identity;
        isFresh = false;
        unanswered = 0;
        skippedEpochs = 0;
        isAsked = false;
        mustWait = false;
        backoff.reset();
    }

    /// There will be no answer, or a refusal.
    void notGiven(boolean isUnanswered, long nowNs) {
        if (isUnanswered) {
            unanswered++;
        }
        isAsked = false;
        mustWait = true;
        askAtNs = nowNs + backoff.nextDelayMs() * 1_000_000;
    }
}
