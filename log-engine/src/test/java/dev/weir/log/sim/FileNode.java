// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/// The bytes of one simulated file: what readers see, and what stable storage has.
///
/// Arrays are shared between a disk and its crashed copies until one of them writes.
final class FileNode implements Node {

    /// Smallest unit that a power loss keeps or drops as a whole, in bytes.
    private static final int SECTOR = 512;

    private static final byte[] NOTHING = {};

    /// What readers see; bytes at and above `size` are zeros.
    private byte[] cache = NOTHING;

    private boolean cacheShared = true;
    private int size;

    /// What stable storage has; bytes at and above `durableSize` are zeros, but for sectors that
    /// were flushed or misdirected there.
    private byte[] durable = NOTHING;

    private boolean durableShared = true;
    private int durableSize;

    /// Sectors in which `cache` is newer than `durable`.
    private final BitSet unsynced = new BitSet();

    /// Sizes the file had since `durableSize`, newest last.
    private final List<Integer> unsyncedSizes = new ArrayList<>();

    private final List<byte[]> mappings = new ArrayList<>();

    int size() {
        return size;
    }

    void resize(int newSize) {
        if (newSize < size) {
            ownCache(size);
            Arrays.fill(cache, newSize, size, (byte) 0);
            unsynced.set(newSize / SECTOR, sectors(size));
        } else if (newSize > size) {
            ownCache(newSize);
            unsynced.set(size / SECTOR, sectors(newSize));
        }
        if (newSize != size) {
            size = newSize;
            unsyncedSizes.add(newSize);
        }
    }

    /// Stores bytes for readers, growing the file.
    void write(int position, byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        store(position, bytes);
        unsynced.set(position / SECTOR, sectors(position + bytes.length));
    }

    /// Stores bytes for readers only: stable storage will never get them.
    void writeLost(int position, byte[] bytes) {
        var before = (BitSet) unsynced.clone();
        store(position, bytes);
        unsynced.clear();
        unsynced.or(before);
    }

    /// Stores bytes on stable storage without any reader seeing them.
    void writeDurableElsewhere(int position, byte[] bytes) {
        var at = Math.max(0, position);
        ownDurable(at + bytes.length);
        System.arraycopy(bytes, 0, durable, at, bytes.length);
    }

    private void store(int position, byte[] bytes) {
        var end = position + bytes.length;
        if (end > size) {
            resize(end);
        }
        ownCache(end);
        System.arraycopy(bytes, 0, cache, position, bytes.length);
        for (var mapping : mappings) {
            var count = Math.min(bytes.length, mapping.length - position);
            if (count > 0) {
                System.arraycopy(bytes, 0, mapping, position, count);
            }
        }
    }

    int read(int position, ByteBuffer destination) {
        var count = Math.max(0, Math.min(destination.remaining(), size - position));
        if (count > 0) {
            destination.put(cache, position, count);
        }
        return count;
    }

    void flush() {
        if (!unsynced.isEmpty()) {
            ownDurable(size);
            unsynced.stream().forEach(sector -> copySector(cache, durable, sector));
            unsynced.clear();
        }
        durableSize = size;
        unsyncedSizes.clear();
    }

    /// A flush that failed: the pages are clean now, the bytes nowhere.
    void forgetUnsynced() {
        unsynced.clear();
    }

    byte[] map(int bytes) {
        var mapping = Arrays.copyOf(cache, bytes);
        mappings.add(mapping);
        return mapping;
    }

    void unmap(byte[] mapping) {
        mappings.removeIf(each -> each == mapping);
    }

    /// The file as it is after a power loss.
    FileNode crashed(CrashPolicy policy, SplittableRandom random) {
        var after = new FileNode();
        durableShared = true;
        after.durable = durable;
        after.durableSize = durableSize;
        if (!unsyncedSizes.isEmpty() && random.nextDouble() < policy.sizes()) {
            var newest = policy.sizes() >= 1;
            var pick = newest ? unsyncedSizes.size() - 1 : random.nextInt(unsyncedSizes.size());
            after.durableSize = unsyncedSizes.get(pick);
        }
        for (var s = unsynced.nextSetBit(0); s >= 0; s = unsynced.nextSetBit(s + 1)) {
            if (random.nextDouble() < policy.sectors()) {
                after.ownDurable(Math.max(size, after.durableSize));
                copySector(cache, after.durable, s);
            }
        }
        after.cutDurable();
        if (after.durable.length < after.durableSize) {
            after.ownDurable(after.durableSize);
        }
        after.durableShared = true;
        after.cache = after.durable;
        after.size = after.durableSize;
        return after;
    }

    /// The same file, unsynced bytes and sizes included, to go on independently.
    FileNode copy() {
        var copy = new FileNode();
        cacheShared = true;
        durableShared = true;
        copy.cache = cache;
        copy.size = size;
        copy.durable = durable;
        copy.durableSize = durableSize;
        copy.unsynced.or(unsynced);
        copy.unsyncedSizes.addAll(unsyncedSizes);
        return copy;
    }

    private void cutDurable() {
        for (var i = durableSize; i < durable.length; i++) {
            if (durable[i] != 0) {
                ownDurable(durable.length);
                Arrays.fill(durable, durableSize, durable.length, (byte) 0);
                return;
            }
        }
    }

    private static int sectors(int bytes) {
        return (bytes + SECTOR - 1) / SECTOR;
    }

    private static void copySector(byte[] from, byte[] to, int sector) {
        var at = sector * SECTOR;
        for (var i = at; i < Math.min(at + SECTOR, to.length); i++) {
            to[i] = i < from.length ? from[i] : 0;
        }
    }

    private void ownCache(int bytes) {
        if (cacheShared || cache.length < bytes) {
            cache = Arrays.copyOf(cache, Math.max(cache.length, bytes));
            cacheShared = false;
        }
    }

    private void ownDurable(int bytes) {
        if (durableShared || durable.length < bytes) {
            durable = Arrays.copyOf(durable, Math.max(durable.length, bytes));
            durableShared = false;
        }
    }
}
