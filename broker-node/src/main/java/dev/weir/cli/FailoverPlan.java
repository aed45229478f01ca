// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.OptionalInt;
import java.util.SortedSet;

/// Which partition is written to and which node fails.
///
/// @param partition the one that is measured
/// @param leader who leads it before
/// @param node who fails
record FailoverPlan(int partition, int leader, int node) {

    /// Who fails, and how.
    enum Victim {
        /// kill -9 of a leader that is not the active controller.
        LEADER("leader"),
        /// kill -9 of a leader that is the active controller too.
        LEADER_AND_CONTROLLER("leader+controller"),
        /// kill -9 of a node that only follows in the measured partition.
        FOLLOWER("follower"),
        /// SIGSTOP of a leader that is not the active controller: it hangs.
        STOP("stop"),
        /// SIGTERM of a leader that is not the active controller: it leaves in good order.
        PLANNED("planned");

        private final String word;

        Victim(String word) {
            this.word = word;
        }

        /// As on the command line.
        @Override
        public String toString() {
            return word;
        }
    }

    /// One partition.
    ///
    /// @param isr the in-sync replicas
    record Place(int partition, OptionalInt leader, SortedSet<Integer> isr) {}

    /// The first partition that fits.
    ///
    /// @param controller the active controller's node id
    /// @return null: no partition's leader is as the victim wants it
    static @Nullable FailoverPlan choose(Victim victim, int controller, List<Place> places) {
        for (var place : places) {
            if (place.leader().isEmpty()) {
                continue;
            }
            var leader = place.leader().getAsInt();
            var isController = leader == controller;
            switch (victim) {
                case LEADER, STOP, PLANNED -> {
                    if (!isController) {
                        return new FailoverPlan(place.partition(), leader, leader);
                    }
                }
                case LEADER_AND_CONTROLLER -> {
                    if (isController) {
                        return new FailoverPlan(place.partition(), leader, leader);
                    }
                }
                case FOLLOWER -> {
                    for (var follower : place.isr()) {
                        if (follower != leader && follower != controller) {
                            return new FailoverPlan(place.partition(), leader, follower);
                        }
                    }
                }
            }
        }
        return null;
    }
}
