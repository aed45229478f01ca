// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// The tree of a simulated disk, with the changes that no directory sync has made durable.
///
/// Changes survive a crash independently of each other, each as a whole. A node never has two
/// names: a later change of it that survives supersedes an earlier one that did not.
final class Namespace {

    final DirectoryNode root;

    private final List<Change> pending = new ArrayList<>();

    /// A name of a directory.
    record Name(DirectoryNode directory, String text) {}

    /// One creation (`from` missing), deletion (`to` missing) or rename.
    private static final class Change {
        final @Nullable Name from;
        final @Nullable Name to;
        final Node node;
        boolean fromDurable;
        boolean toDurable;

        Change(@Nullable Name from, @Nullable Name to, Node node) {
            this.from = from;
            this.to = to;
            this.node = node;
            this.fromDurable = from == null;
            this.toDurable = to == null;
        }
    }

    Namespace() {
        this(new DirectoryNode());
    }

    private Namespace(DirectoryNode root) {
        this.root = root;
    }

    void link(Name name, Node node) {
        name.directory().entries.put(name.text(), node);
        pending.add(new Change(null, name, node));
    }

    void unlink(Name name) {
        var node = name.directory().entries.remove(name.text());
        if (node != null) {
            pending.add(new Change(name, null, node));
        }
    }

    void rename(Name from, Name to) {
        var node = from.directory().entries.remove(from.text());
        if (node != null) {
            to.directory().entries.put(to.text(), node);
            pending.add(new Change(from, to, node));
        }
    }

    /// Makes durable all changes whose directories have then been synced.
    void sync(DirectoryNode directory) {
        var done = new ArrayList<Change>();
        for (var change : pending) {
            change.fromDurable |= change.from != null && change.from.directory() == directory;
            change.toDurable |= change.to != null && change.to.directory() == directory;
            if (change.fromDurable && change.toDurable) {
                apply(change.from, change.to, change.node);
                done.add(change);
            }
        }
        for (var change : done) {
            // An earlier change of the same node that waits for another directory is superseded.
            var upTo = pending.indexOf(change);
            for (var i = upTo; i >= 0; i--) {
                if (pending.get(i).node == change.node) {
                    pending.remove(i);
                }
            }
        }
    }

    private static void apply(@Nullable Name from, @Nullable Name to, Node node) {
        if (from != null) {
            from.directory().durable.remove(from.text(), node);
        }
        if (to != null) {
            to.directory().durable.put(to.text(), node);
        }
    }

    /// The tree as it is after a power loss, with each file as it is then.
    Namespace crashed(CrashPolicy policy, SplittableRandom random) {
        var copy = new Crash(policy, random);
        var newRoot = (DirectoryNode) copy.of(root);
        for (var change : pending) {
            if (random.nextDouble() < policy.entries()) {
                copy.apply(change);
            }
        }
        copy.directories.forEach(DirectoryNode::publish);
        return new Namespace(newRoot);
    }

    /// The same tree, unsynced changes included, to go on independently.
    Namespace copy() {
        var copies = new IdentityHashMap<Node, Node>();
        var copy = new Namespace((DirectoryNode) copyOf(root, copies));
        for (var change : pending) {
            var same =
                    new Change(
                            copyOf(change.from, copies),
                            copyOf(change.to, copies),
                            copyOf(change.node, copies));
            same.fromDurable = change.fromDurable;
            same.toDurable = change.toDurable;
            copy.pending.add(same);
        }
        return copy;
    }

    private static Node copyOf(Node node, Map<Node, Node> copies) {
        var known = copies.get(node);
        if (known != null) {
            return known;
        }
        return switch (node) {
            case FileNode file -> {
                var copy = file.copy();
                copies.put(file, copy);
                yield copy;
            }
            case DirectoryNode directory -> {
                var copy = new DirectoryNode();
                copies.put(directory, copy);
                directory.entries.forEach((t, n) -> copy.entries.put(t, copyOf(n, copies)));
                directory.durable.forEach((t, n) -> copy.durable.put(t, copyOf(n, copies)));
                yield copy;
            }
        };
    }

    private static @Nullable Name copyOf(@Nullable Name name, Map<Node, Node> copies) {
        return name == null
                ? null
                : new Name((DirectoryNode) copyOf(name.directory(), copies), name.text());
    }

    /// One crash: copies what is durable, then what survives.
    private static final class Crash {

        final List<DirectoryNode> directories = new ArrayList<>();
        private final CrashPolicy policy;
        private final SplittableRandom random;
        private final Map<Node, Node> copies = new IdentityHashMap<>();
        private final Map<Node, Name> names = new IdentityHashMap<>();

        Crash(CrashPolicy policy, SplittableRandom random) {
            this.policy = policy;
            this.random = random;
        }

        Node of(Node node) {
            var known = copies.get(node);
            if (known != null) {
                return known;
            }
            return switch (node) {
                case FileNode file -> {
                    var copy = file.crashed(policy, random);
                    copies.put(file, copy);
                    yield copy;
                }
                case DirectoryNode directory -> {
                    var copy = new DirectoryNode();
                    copies.put(directory, copy);
                    directories.add(copy);
                    directory.durable.forEach(
                            (text, child) -> put(new Name(copy, text), of(child)));
                    yield copy;
                }
            };
        }

        void apply(Change change) {
            var node = of(change.node);
            var name = names.remove(node);
            if (name != null) {
                name.directory().durable.remove(name.text(), node);
            }
            if (change.to != null) {
                put(new Name((DirectoryNode) of(change.to.directory()), change.to.text()), node);
            }
        }

        private void put(Name name, Node node) {
            var replaced = name.directory().durable.put(name.text(), node);
            if (replaced != null) {
                names.remove(replaced);
            }
            names.put(node, name);
        }
    }

    /// All files, for the budget.
    static long bytesBelow(DirectoryNode directory) {
        var bytes = 0L;
        for (var node : new TreeMap<>(directory.entries).values()) {
            bytes +=
                    switch (node) {
                        case FileNode file -> file.size();
                        case DirectoryNode child -> bytesBelow(child);
                    };
        }
        return bytes;
    }
}
