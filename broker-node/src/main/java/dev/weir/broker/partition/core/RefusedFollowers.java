// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Followers that the controller did not take into the ISR.
///
/// The controller may know more of them than the leader's image says. A follower that it refused is
/// proposed again with its next session, when an image says something else of the replicas' nodes,
/// or after [#RETRY_MS]: each refusal costs a change of the partition, which an idle partition
/// would otherwise go through for ever.
///
/// Owned by the leader's side; not thread-safe. Bounded by the number of replicas.
final class RefusedFollowers {

    /// What the controller knew may change without an image that tells of it.
    static final long RETRY_MS = 30_000;

    private final ReplicaContext context;

    /// Whom the last proposal would add, and on which image of the replicas.
    private SortedMap<Integer, SessionId> proposed = new TreeMap<>();

    private int proposedAt;

    /// Whom the controller refused alone.
    private final TreeMap<Integer, SessionId> refused = new TreeMap<>();

    /// Several were refused together: nobody knows for whom, so they are proposed one by one.
    private boolean oneByOne;

    private int refusedAt;
    private long forgottenAtMs;

    RefusedFollowers(ReplicaContext context) {
        this.context = context;
    }

    /// @param joinable sessions that may join, by node
    /// @return those of them that are worth a proposal
    SortedMap<Integer, SessionId> without(SortedMap<Integer, SessionId> joinable) {
        var isOver =
                refusedAt != context.committed().replicaChanges()
                        || context.nowMs() >= forgottenAtMs;
        if (isOver) {
            refused.clear();
            oneByOne = false;
        }
        if (refused.isEmpty() && !oneByOne) {
            return joinable;
        }
        var rest = new TreeMap<>(joinable);
        rest.entrySet().removeAll(refused.entrySet());
        return oneByOne && rest.size() > 1 ? new TreeMap<>(Map.ofEntries(rest.firstEntry())) : rest;
    }

    /// A proposal goes out that would add these.
    void onProposed(SortedMap<Integer, SessionId> joining) {
        proposed = joining;
        proposedAt = context.committed().replicaChanges();
    }

    /// It was refused for one of its members.
    void onRefused() {
        // An image that came since may say already what the controller knew.
        if (!proposed.isEmpty() && proposedAt == context.committed().replicaChanges()) {
            if (proposed.size() == 1) {
                refused.putAll(proposed);
            }
            oneByOne = true;
            refusedAt = proposedAt;
            forgottenAtMs = context.nowMs() + RETRY_MS;
        }
        proposed = new TreeMap<>();
    }

    /// Whether somebody is to be proposed again when time has passed.
    boolean wantsTicks() {
        return oneByOne;
    }
}
