// SPDX-License-Identifier: Apache-2.0
/// A whole cluster in one thread: the real partition replicas on the real log engine over a
/// simulated disk, the real controller over a model of the metadata log, the real broker lifecycle
/// and the real producer core, under one queue of events, virtual time and seeded faults.
///
/// [dev.weir.sim.Simulation] is one run of one seed and owns all of its state; same seed, same run.
/// [dev.weir.sim.Checker] judges after every event. Nothing here may read a clock, start a thread
/// inside a run, or draw a random number that does not come from the seed.
@NullMarked
package dev.weir.sim;

import org.jspecify.annotations.NullMarked;
