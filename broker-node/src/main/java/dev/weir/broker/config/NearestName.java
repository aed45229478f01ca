// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import java.util.Collection;
import java.util.Optional;

/// Finds the known name that a mistyped one was meant to be.
public final class NearestName {

    private static final int LENGTH_MAX = 100;

    private NearestName() {}

    /// The known name with the fewest edits to `wanted`, if a third of its letters or fewer differ.
    ///
    /// @param wanted what was written; longer than 100 characters has no near name
    /// @param known every name there is
    public static Optional<String> of(String wanted, Collection<String> known) {
        if (wanted.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        var best = Optional.<String>empty();
        var bestEdits = Math.max(2, wanted.length() / 3) + 1;
        for (var name : known) {
            var edits = edits(wanted, name);
            if (edits < bestEdits) {
                bestEdits = edits;
                best = Optional.of(name);
            }
        }
        return best;
    }

    /// Levenshtein distance.
    private static int edits(String a, String b) {
        var above = new int[b.length() + 1];
        for (var j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (var i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (var j = 1; j <= b.length(); j++) {
                var replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
