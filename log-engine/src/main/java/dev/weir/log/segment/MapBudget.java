// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import dev.weir.log.disk.DiskFile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// How many mappings one directory may have, which sealed segments keep theirs, and the janitor
/// that unmaps.
///
/// `vm.max_map_count` bounds the process, and at the bound the JVM dies; so maps are counted, and
/// who gets none is read through its channel. Sealed segments keep their mapping, the newest ones
/// first, within a number of bytes.
///
/// **Threading:** any thread. Unmapping shakes hands with every thread, so one janitor at a time
/// does it in the background.
public final class MapBudget {

    private final int mapsMax;
    private final long sealedBytesMax;
    private final Executor background;
    private final AtomicInteger maps = new AtomicInteger();
    private final ConcurrentLinkedQueue<MappedRegion> unused = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean janitorRuns = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Segment, Integer> sealed = new LinkedHashMap<>();
    private long sealedBytes;

    /// @param mapsMax most mappings at a time
    /// @param sealedBytesMax most bytes of sealed segments that stay mapped
    /// @param background runs the janitor
    public MapBudget(int mapsMax, long sealedBytesMax, Executor background) {
        this.mapsMax = mapsMax;
        this.sealedBytesMax = sealedBytesMax;
        this.background = background;
    }

    /// Mappings that live now.
    public int maps() {
        return maps.get();
    }

    /// Maps the first bytes of a file, if the budget allows.
    ///
    /// @param onUnmapped run by the janitor after the unmapping
    Optional<MappedRegion> tryMap(DiskFile file, long bytes, Runnable onUnmapped) {
        if (bytes == 0) {
            return Optional.empty();
        }
        if (maps.incrementAndGet() > mapsMax) {
            maps.decrementAndGet();
            return Optional.empty();
        }
        try {
            return Optional.of(new MappedRegion(file.map(bytes), this, onUnmapped));
        } catch (RuntimeException e) {
            maps.decrementAndGet();
            throw e;
        }
    }

    /// Counts a sealed segment's mapping, and takes the oldest ones away where it is too much. The
    /// caller holds no segment's monitor.
    void keepSealed(Segment segment, int bytes) {
        var surplus = new ArrayList<Segment>();
        lock.lock();
        try {
            var before = sealed.put(segment, bytes);
            sealedBytes += bytes - (before == null ? 0 : before);
            var oldest = sealed.entrySet().iterator();
            while (sealedBytes > sealedBytesMax && oldest.hasNext()) {
                var entry = oldest.next();
                oldest.remove();
                sealedBytes -= entry.getValue();
                surplus.add(entry.getKey());
            }
        } finally {
            lock.unlock();
        }
        surplus.forEach(oldest -> oldest.mapping().drop());
    }

    /// Forgets a segment that is closed.
    void forget(Segment segment) {
        lock.lock();
        try {
            var bytes = sealed.remove(segment);
            if (bytes != null) {
                sealedBytes -= bytes;
            }
        } finally {
            lock.unlock();
        }
    }

    void unmap(MappedRegion region) {
        unused.add(region);
        if (janitorRuns.compareAndSet(false, true)) {
            try {
                background.execute(this::runJanitor);
            } catch (RejectedExecutionException e) {
                runJanitor(); // The directory is closing: nobody else will.
            }
        }
    }

    private void runJanitor() {
        do {
            for (var region = unused.poll(); region != null; region = unused.poll()) {
                region.unmap();
                maps.decrementAndGet();
            }
            janitorRuns.set(false);
            // What came between the last poll and the line above found the janitor running.
        } while (!unused.isEmpty() && janitorRuns.compareAndSet(false, true));
    }
}
