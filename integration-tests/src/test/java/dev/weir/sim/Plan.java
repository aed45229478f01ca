// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

/// What one seed is: its cluster, which faults are on, and how often they come. Rates are per mille
/// of messages, or weights among the faults.
///
/// @param nodes brokers; the first three are the voters
/// @param isFsync level of the topic at first
/// @param sessionMs session timeout of brokers
/// @param lagMs `replica.lag.time.max.ms`
/// @param dropPerMille messages lost
/// @param latePerMille messages that come up to a second late, past others
/// @param dupPerMille messages that come twice
/// @param faultMs average time between two faults
/// @param crash weight of process crashes
/// @param power weight of power losses of one node
/// @param powerAll weight of power losses of all nodes
/// @param pause weight of stopped processes
/// @param cut weight of partitions of the network
/// @param wipe weight of directories lost
/// @param controller weight of new controllers
/// @param move weight of planned moves of a leader
/// @param level weight of changes of durability
/// @param minChange weight of changes of `min.insync.replicas`
/// @param linkBreak weight of connections that break and come back
/// @param shutdown weight of controlled shutdowns
/// @param lostProposal per mille of metadata proposals whose outcome is unknown
/// @param applyLagMs how far behind a voter may apply
/// @param flushMs longest flush
/// @param commitMs longest time until a majority has an entry of the metadata log
/// @param torn per mille of crashes that come in the middle of a disk operation
/// @param deliveryMs delivery timeout of producers
/// @param failDisk weight of disks that answer a flush with an error
record Plan(
        int nodes,
        int partitions,
        int minInsync,
        boolean isFsync,
        int sessionMs,
        int lagMs,
        int dropPerMille,
        int latePerMille,
        int dupPerMille,
        int faultMs,
        int crash,
        int power,
        int powerAll,
        int pause,
        int cut,
        int wipe,
        int controller,
        int move,
        int level,
        int minChange,
        int linkBreak,
        int shutdown,
        int lostProposal,
        int applyLagMs,
        int flushMs,
        int commitMs,
        int torn,
        int deliveryMs,
        int failDisk) {

    /// Replicas of a partition.
    static final int REPLICATION_FACTOR = 3;

    /// Voters of the metadata quorum: nodes 1 to 3.
    static final int VOTERS = 3;

    /// Faults stop here, in virtual milliseconds.
    static final long HEAL_AT_MS = 20_000;

    /// All must be well here.
    static final long END_MS = 34_000;

    static Plan draw(Engine engine) {
        var min = engine.below(6) == 0 ? 1 : 2;
        var level = engine.pick(0, 0, 0, 1, 4);
        return new Plan(
                engine.pick(3, 3, 3, 4, 5),
                engine.pick(1, 1, 2, 3),
                min,
                engine.below(5) < 3,
                engine.pick(400, 700, 1_500),
                engine.pick(400, 1_000, 3_000),
                engine.pick(0, 0, 5, 30),
                engine.pick(0, 10, 40),
                engine.pick(0, 20, 60),
                engine.pick(300, 700, 1_500),
                engine.pick(0, 3, 6),
                engine.pick(0, 3, 6),
                engine.pick(0, 0, 1, 2),
                engine.pick(0, 3),
                engine.pick(0, 3, 6),
                min > 1 ? engine.pick(0, 0, 2) : 0,
                engine.pick(0, 2, 6),
                engine.pick(0, 1, 3),
                level,
                engine.pick(0, 0, 1, 4),
                engine.pick(0, 2),
                engine.pick(0, 0, 1),
                engine.pick(0, 0, 10, 40),
                engine.pick(10, 60, 400),
                engine.pick(4, 30, 120),
                engine.pick(8, 8, 120),
                engine.pick(0, 300, 700),
                engine.pick(120_000, 120_000, 3_000),
                min > 1 ? 2 * engine.aside(2).nextInt(2) : 0);
    }

    int replicasMinInsync() {
        return Math.min(minInsync, REPLICATION_FACTOR);
    }
}
