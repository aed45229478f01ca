// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

/// What landed in a run: a checker that nothing happens to proves nothing.
final class Counters {

    long elections;
    long eligibleElections;
    long recoveryElections;
    long truncations;
    long resets;
    long isrShrinks;
    long isrJoins;
    long tornTails;
    long crashes;
    long powerLosses;
    long powerLossesWithLoss;
    long wipes;
    long diskFailures;
    long newIncarnations;
    long pauses;
    long cuts;
    long zombies;
    long quorumLeaders;
    long renounced;
    long skipped;
    long unknownProposals;
    long dropped;
    long late;
    long repeated;
    long linkBreaks;
    long shutdowns;
    long levelChanges;
    long fsyncConfirmed;
    long acknowledged;
    long duplicatesAnswered;
    long unknownToClient;
    long refusedToClient;
    long reads;
    long committed;
    long clientOperations;
    long staleEpochRefused;

    private static final List<Field> FIELDS = fields();

    private static List<Field> fields() {
        var fields = new ArrayList<Field>();
        for (var field : Counters.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                fields.add(field);
            }
        }
        return List.copyOf(fields);
    }

    void add(Counters other) {
        try {
            for (var field : FIELDS) {
                field.setLong(this, field.getLong(this) + field.getLong(other));
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The kinds of fault of which too few landed in 100 seeds; empty if the seeds were worth it.
    List<String> missing() {
        var missing = new ArrayList<String>();
        demand(missing, "election", elections);
        demand(missing, "truncation", truncations);
        demand(missing, "ISR shrink", isrShrinks);
        demand(missing, "torn tail", tornTails);
        demand(missing, "restart with a new incarnation", newIncarnations);
        return missing;
    }

    private static void demand(List<String> missing, String what, long count) {
        if (count == 0) {
            missing.add(what);
        }
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        try {
            for (var field : FIELDS) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(field.getName())
                        .append('=')
                        .append(field.getLong(this));
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
