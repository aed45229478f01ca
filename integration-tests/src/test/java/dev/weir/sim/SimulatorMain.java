// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import java.util.function.Consumer;

/// Runs seeds from a command line: one with its trace, `SEED`, or many, `FROM COUNT [THREADS]`.
public final class SimulatorMain {

    private SimulatorMain() {}

    public static void main(String[] args) {
        System.exit(run(args) ? 0 : 1);
    }

    /// @return whether every invariant held
    static boolean run(String[] args) {
        Consumer<String> out = System.out::println;
        long from = Long.parseLong(args[0]);
        if (args.length == 1) {
            return runOne(from, out);
        }
        int threads =
                args.length > 2
                        ? Integer.parseInt(args[2])
                        : Runtime.getRuntime().availableProcessors();
        var summary = Seeds.run(from, Long.parseLong(args[1]), threads, false, out);
        summary.complaints().forEach(out);
        return summary.complaints().isEmpty();
    }

    private static boolean runOne(long seed, Consumer<String> out) {
        Quiet.logs();
        var outcome = Simulation.run(seed, true);
        outcome.trace().forEach(out);
        out.accept(outcome.plan());
        out.accept(outcome.counters().toString());
        out.accept("hash " + outcome.hash() + ", " + outcome.events() + " events");
        var violation = outcome.violation();
        if (violation != null) {
            violation.printStackTrace(System.out);
        }
        return violation == null;
    }
}
