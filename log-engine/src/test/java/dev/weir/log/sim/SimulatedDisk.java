// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import dev.weir.log.LogException;
import dev.weir.log.disk.Disk;
import dev.weir.log.disk.DiskFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// A [Disk] in memory with a volatile cache in front of a durable image: bytes by 512-byte sector,
/// sizes by file, names by change.
///
/// [#crashed] gives the disk that a power loss would leave now, and leaves this one as it is, so
/// that one scripted run can be crashed after each of its operations. Paths are absolute.
///
/// **Threading:** any thread; calls take turns. Deterministic when the calls come from one thread.
public final class SimulatedDisk implements Disk {

    /// Guarded by this; counted by the files.
    int openFiles;

    private Predicate<Path> refusesToOpen = _ -> false;

    private final Namespace namespace;
    private final Set<Path> locks = new HashSet<>();
    private long operations;
    private long crashAt = Long.MAX_VALUE;
    private boolean dead;
    private long capacityBytes = Long.MAX_VALUE;
    private Function<DiskOperation, Fault> faults = _ -> new Fault.None();
    private Consumer<DiskOperation> observer = _ -> {};

    /// An empty disk.
    public SimulatedDisk() {
        this(new Namespace());
    }

    private SimulatedDisk(Namespace namespace) {
        this.namespace = namespace;
    }

    /// The disk that a power loss leaves now: nothing in it is unsynced, no fault is planned, no
    /// directory locked, no operation counted. This one goes on unchanged.
    public synchronized SimulatedDisk crashed(CrashPolicy policy) {
        var random = new SplittableRandom(policy.seed());
        return new SimulatedDisk(namespace.crashed(policy, random));
    }

    /// The disk as the next process finds it after this one died and the system did not: everything
    /// is there, and what was not synced still is not. Otherwise as [#crashed].
    public synchronized SimulatedDisk restarted() {
        return new SimulatedDisk(namespace.copy());
    }

    /// Operations that took effect or failed so far.
    public synchronized long operations() {
        return operations;
    }

    /// Makes the operation of this number, and every later one, throw [SimulatedCrash] instead of
    /// taking effect.
    public synchronized void crashAt(long operation) {
        crashAt = operation;
    }

    /// As if the process had no descriptor left for these.
    public synchronized void refuseToOpen(Predicate<Path> files) {
        refusesToOpen = files;
    }

    /// Files that were opened and not closed.
    public synchronized int openFiles() {
        return openFiles;
    }

    /// Bounds the sum of all file sizes.
    public synchronized void limitTo(long bytes) {
        capacityBytes = bytes;
    }

    /// Decides of each operation what goes wrong in it.
    public synchronized void inject(Function<DiskOperation, Fault> plan) {
        faults = plan;
    }

    /// Is told of each operation once it took effect. May take [#crashed] copies.
    public synchronized void observe(Consumer<DiskOperation> afterOperation) {
        observer = afterOperation;
    }

    @Override
    public synchronized DiskFile create(Path file) {
        var name = name(file);
        if (name.directory().entries.containsKey(name.text())) {
            throw new IllegalStateException("create: already exists: " + file);
        }
        var node = new FileNode();
        perform(DiskOperation.Kind.CREATE, file, () -> namespace.link(name, node));
        return new SimulatedFile(this, file, node);
    }

    @Override
    public synchronized DiskFile open(Path file) {
        refuseWhenDead();
        if (refusesToOpen.test(file)) {
            throw new LogException.ResourcesExhaustedException(
                    file, "OPEN", new IOException("Too many open files"));
        }
        return switch (node(file)) {
            case FileNode node -> new SimulatedFile(this, file, node);
            case DirectoryNode _ ->
                    throw new LogException.DiskFailedException(
                            file, "open", new IOException("Is a directory"));
        };
    }

    @Override
    public synchronized boolean exists(Path path) {
        refuseWhenDead();
        try {
            return node(path) != null;
        } catch (LogException.MissingFileException _) {
            return false;
        }
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        return exists(path) && node(path) instanceof DirectoryNode;
    }

    @Override
    public synchronized List<Path> list(Path directory) {
        refuseWhenDead();
        return directory(directory).entries.keySet().stream().map(directory::resolve).toList();
    }

    @Override
    public synchronized void createDirectories(Path directory) {
        var at = directory.getRoot();
        for (var part : directory) {
            at = at.resolve(part);
            if (!exists(at)) {
                var name = name(at);
                perform(
                        DiskOperation.Kind.CREATE_DIRECTORY,
                        at,
                        () -> namespace.link(name, new DirectoryNode()));
            }
        }
        directory(directory);
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        var source = node(from);
        var target = name(to);
        if (target.directory().entries.get(target.text()) instanceof DirectoryNode replaced
                && replaced != source
                && !replaced.entries.isEmpty()) {
            throw new IllegalStateException("rename: directory not empty: " + to);
        }
        perform(DiskOperation.Kind.RENAME, from, () -> namespace.rename(name(from), target));
    }

    @Override
    public synchronized void delete(Path path) {
        if (node(path) instanceof DirectoryNode directory && !directory.entries.isEmpty()) {
            throw new IllegalStateException("delete: directory not empty: " + path);
        }
        perform(DiskOperation.Kind.DELETE, path, () -> namespace.unlink(name(path)));
    }

    @Override
    public synchronized void syncDirectory(Path directory) {
        var node = directory(directory);
        perform(DiskOperation.Kind.SYNC_DIRECTORY, directory, () -> namespace.sync(node));
    }

    @Override
    public synchronized long usableBytes(Path directory) {
        directory(directory);
        return Math.max(0, capacityBytes - Namespace.bytesBelow(namespace.root));
    }

    @Override
    public synchronized Lock lock(Path directory) {
        directory(directory);
        if (!locks.add(directory)) {
            throw new LogException.DirectoryLockedException(directory);
        }
        return () -> unlock(directory);
    }

    private synchronized void unlock(Path directory) {
        locks.remove(directory);
    }

    /// Refuses to grow a file beyond the budget.
    void take(Path file, long growthBytes) {
        if (growthBytes > 0 && growthBytes > usableBytes(file.getRoot())) {
            throw new LogException.DiskFullException(file, growthBytes, null);
        }
    }

    /// Runs one operation without bytes; a planned fault makes it fail.
    private void perform(DiskOperation.Kind kind, Path path, Runnable effect) {
        perform(
                kind,
                path,
                0,
                0,
                fault -> {
                    switch (fault) {
                        case Fault.None _ -> effect.run();
                        case Fault.IoError _, Fault.Torn _ -> throw ioError(path, kind);
                        case Fault.Lost _, Fault.Misdirected _ -> {}
                    }
                });
    }

    /// Counts one operation, lets its effect see the planned fault, tells the observer.
    synchronized void perform(
            DiskOperation.Kind kind, Path path, long position, long bytes, Consumer<Fault> effect) {
        refuseWhenDead();
        if (operations + 1 >= crashAt) {
            dead = true;
            refuseWhenDead();
        }
        operations++;
        var operation = new DiskOperation(operations, kind, path, position, bytes);
        effect.accept(faults.apply(operation));
        observer.accept(operation);
    }

    void refuseWhenDead() {
        if (dead) {
            throw new SimulatedCrash(operations + 1);
        }
    }

    static LogException.DiskFailedException ioError(Path path, DiskOperation.Kind kind) {
        return new LogException.DiskFailedException(
                path, kind.toString(), new IOException("Input/output error"));
    }

    private DirectoryNode directory(Path path) {
        if (node(path) instanceof DirectoryNode directory) {
            return directory;
        }
        throw new LogException.DiskFailedException(
                path, "directory", new IOException("Not a directory"));
    }

    private Namespace.Name name(Path path) {
        var parent = path.getParent();
        var last = path.getFileName();
        if (parent == null || last == null) {
            throw new IllegalArgumentException("no file name: " + path);
        }
        return new Namespace.Name(directory(parent), last.toString());
    }

    private Node node(Path path) {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("not absolute: " + path);
        }
        Node at = namespace.root;
        for (var part : path.normalize()) {
            var next = at instanceof DirectoryNode d ? d.entries.get(part.toString()) : null;
            if (next == null) {
                throw new LogException.MissingFileException(path);
            }
            at = next;
        }
        return at;
    }
}
