// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// How long to wait before another attempt: doubling from a first to a largest delay, each spread
/// by up to a fifth in either direction, so that clients cut off together do not return together.
///
/// The spread comes from a seed: the same seed gives the same delays.
public final class RetryBackoff {

    private static final int JITTER_PERCENT = 20;

    private final long firstMs;
    private final long largestMs;
    private long seed;
    private long nextMs;

    /// A backoff at its first delay.
    ///
    /// @param firstMs first delay before its spread, at least 1
    /// @param largestMs largest delay before its spread
    public RetryBackoff(long firstMs, long largestMs, long seed) {
        if (firstMs < 1 || largestMs < firstMs) {
            throw new IllegalArgumentException("firstMs " + firstMs + ", largestMs " + largestMs);
        }
        this.firstMs = firstMs;
        this.largestMs = largestMs;
        this.seed = seed;
        this.nextMs = firstMs;
    }

    /// 50 ms to 1 s: questions that someone waits for.
    public static RetryBackoff forCalls(long seed) {
        return new RetryBackoff(50, 1_000, seed);
    }

    /// 20 ms to 1 s: a stream that broke; a new leader is often there in a moment.
    public static RetryBackoff forStreams(long seed) {
        return new RetryBackoff(20, 1_000, seed);
    }

    /// 10 ms to 200 ms: a partition whose leader is being elected, which takes a few tenths of a
    /// second.
    public static RetryBackoff forLeaders(long seed) {
        return new RetryBackoff(10, 200, seed);
    }

    /// The delay before the next attempt, in milliseconds. Each call counts as one failed attempt.
    public long nextDelayMs() {
        long delay = nextMs;
        nextMs = Math.min(largestMs, nextMs * 2);
        long spread = delay * JITTER_PERCENT / 100;
        return spread == 0 ? delay : delay - spread + Math.floorMod(nextRandom(), 2 * spread + 1);
    }

    /// Begins again at the first delay: an attempt succeeded.
    public void reset() {
        nextMs = firstMs;
    }

    // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    private long nextRandom() {
        seed += 0x9e3779b97f4a7c15L;
        long z = seed;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
