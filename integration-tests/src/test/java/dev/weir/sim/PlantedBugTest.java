// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A checker that never objects proves nothing: each planted bug must be seen. With
/// `-Dsim.plants=all` also those that need many seeds.
class PlantedBugTest {

    private static final boolean IS_ALL = "all".equals(System.getProperty("sim.plants"));
    private static final long SEEDS_MAX = IS_ALL ? 6_000 : 200;

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void everyPlantedBugIsSeen() {
        var unseen = Collections.synchronizedList(new ArrayList<String>());
        try (var threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            for (var plant : PlantedBugs.QUICK) {
                threads.execute(() -> search(plant, unseen));
            }
            for (var plant : IS_ALL ? PlantedBugs.RARE : List.<Plant>of()) {
                threads.execute(() -> search(plant, unseen));
            }
        }

        assertThat(unseen).isEmpty();
    }

    private static void search(Plant plant, List<String> unseen) {
        try {
            var startNs = System.nanoTime();
            var found = PlantedCode.of(plant).firstViolation(SEEDS_MAX);
            var line =
                    "planted: "
                            + plant.name()
                            + " | seeds "
                            + found
                            + " | "
                            + (System.nanoTime() - startNs) / 1_000_000
                            + " ms";
            System.out.println(line);
            var letter = found.replaceFirst("^\\d+ ", "").replaceFirst(":.*", "");
            if (!(" " + plant.invariants() + " ").contains(" " + letter + " ")) {
                unseen.add(line);
            }
        } catch (RuntimeException | Error e) {
            unseen.add(plant.name() + ": " + e);
        }
    }

    @Test
    void seedsInWhichNothingHappensAreNotWorthIt() {
        assertThat(new Counters().missing())
                .containsExactly(
                        "election",
                        "truncation",
                        "ISR shrink",
                        "torn tail",
                        "restart with a new incarnation");
    }
}
