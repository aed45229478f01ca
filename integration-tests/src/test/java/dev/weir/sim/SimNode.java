// SPDX-License-Identifier: Apache-2.0
package dev.weir.sim;

import dev.weir.log.LogException;
import dev.weir.log.checkpoint.FailedMarker;
import dev.weir.log.sim.CrashPolicy;
import dev.weir.log.sim.DiskOperation;
import dev.weir.log.sim.Fault;
import dev.weir.log.sim.SimulatedDisk;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/// One machine with its disk, and the process on it, which may die and come back.
final class SimNode implements Engine.Process {

    /// The power goes in the middle of a disk operation; nothing catches it and goes on.
    private static final class PowerCut extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final Simulation simulation;
    private final int id;
    private final @Nullable Voter voter;
    private SimulatedDisk disk = new SimulatedDisk();
    private UUID directoryId;
    private int boot = 1;
    private long lives;
    private long life;
    private long stoppedUntilMs;
    private boolean isDying;
    private boolean isExiting;
    private boolean isDiskFailing;
    private UUID incarnation = new UUID(0, 0);
    private @Nullable SimBroker broker;

    SimNode(Simulation simulation, int id, boolean isVoter) {
        this.simulation = simulation;
        this.id = id;
        this.directoryId = simulation.uuid();
        NodeStorage.format(disk, simulation.clusterId(), id, directoryId);
        this.voter = isVoter ? new Voter(this, simulation) : null;
    }

    int id() {
        return id;
    }

    Simulation simulation() {
        return simulation;
    }

    SimulatedDisk disk() {
        return disk;
    }

    UUID directoryId() {
        return directoryId;
    }

    int boot() {
        return boot;
    }

    UUID incarnation() {
        return incarnation;
    }

    @Nullable Voter voter() {
        return voter;
    }

    /// The broker of this life; `null` while the process is down.
    @Nullable SimBroker broker() {
        return broker;
    }

    boolean isDying() {
        return isDying;
    }

    boolean isUp() {
        return life > 0;
    }

    boolean isStopped() {
        return stoppedUntilMs > simulation.engine().nowMs();
    }

    long monotonicMs() {
        return simulation.engine().nowMs() + id * 100_000L;
    }

    long wallMs() {
        return 1_700_000_000_000L + simulation.engine().nowMs();
    }

    /// Processes that ran here so far.
    long lives() {
        return lives;
    }

    @Override
    public long life() {
        return life;
    }

    @Override
    public long stoppedUntilMs() {
        return stoppedUntilMs;
    }

    @Override
    public void run(Runnable task) {
        try {
            task.run();
        } catch (PowerCut _) {
            // Below.
        } catch (LogException | IllegalStateException | IllegalArgumentException e) {
            var isExpected = isDying || (isDiskFailing && e instanceof LogException);
            if (!isExpected) {
                simulation.checker().broken("node " + id, e);
            }
        }
        if (isDying) {
            // What was sent before the power went counts.
            simulation.checker().lastWords(this);
            die(true);
        } else if (isExiting) {
            isExiting = false;
            die(false);
        } else {
            simulation.checker().after(this);
        }
    }

    void start() {
        if (isUp() || isDiskRefused()) {
            return;
        }
        life = ++lives;
        incarnation = simulation.uuid();
        stoppedUntilMs = 0;
        simulation.engine().trace("node " + id + " starts, incarnation " + incarnation);
        if (lives > 1) {
            simulation.counters().newIncarnations++;
        }
        run(
                () -> {
                    var started = new SimBroker(simulation, this);
                    broker = started;
                    if (voter != null) {
                        var controller = new ControllerDriver(this, voter, simulation);
                        controller.start();
                        voter.start(controller, started::onImage);
                    }
                    started.start();
                });
    }

    /// Stops the process for a while, as SIGSTOP does; the network goes on taking what it is sent.
    void pause(long ms) {
        stoppedUntilMs = Math.max(stoppedUntilMs, simulation.engine().nowMs() + ms);
    }

    /// Goes on, and stays as it is.
    void resume() {
        stoppedUntilMs = 0;
        simulation.engine().release(this);
        disk.inject(_ -> new Fault.None());
    }

    /// The process dies; the system goes on, and its page cache with it.
    void crash() {
        if (isUp()) {
            die(false);
        }
    }

    /// The process ended in order, in the middle of its own event.
    void exit() {
        isExiting = true;
    }

    /// The system dies.
    ///
    /// @param isTorn in the middle of one of the next disk operations, or a little later
    void losePower(boolean isTorn) {
        if (!isUp()) {
            boot++;
            disk = disk.crashed(CrashPolicy.random(simulation.engine().random.nextLong()));
            simulation.checker().lostPower(this);
        } else if (isTorn && !isDying) {
            simulation.checker().doomed(this);
            var left = new int[] {1 + simulation.engine().below(12)};
            disk.inject(
                    _ -> {
                        if (isDying || --left[0] <= 0) {
                            isDying = true;
                            throw new PowerCut();
                        }
                        return new Fault.None();
                    });
            simulation.engine().on(this, 60, "power", () -> isDying = simulation.net().isFaulty());
        } else {
            die(true);
        }
    }

    private void die(boolean isPowerLost) {
        var engine = simulation.engine();
        engine.trace("node " + id + (isPowerLost ? " loses power" : " crashes"));
        simulation.checker().died(this);
        life = 0;
        isDying = false;
        stoppedUntilMs = 0;
        if (voter != null) {
            voter.stop();
        }
        var last = broker;
        broker = null;
        if (isPowerLost) {
            boot++;
            disk = disk.crashed(CrashPolicy.random(engine.random.nextLong()));
            simulation.counters().powerLosses++;
            simulation.checker().lostPower(this);
        } else {
            disk = disk.restarted();
            simulation.counters().crashes++;
        }
        isDiskFailing = isDiskRefused();
        simulation.connectionsLost(this, last);
    }

    /// One of the next flushes of a log fails: it loses what it was to make durable, and the disk
    /// says so once.
    void failDisk() {
        isDiskFailing = true;
        simulation.checker().diskFails(this);
        disk.inject(
                operation -> {
                    var strikes =
                            operation.kind() == DiskOperation.Kind.FLUSH
                                    && operation.path().toString().endsWith(".log");
                    if (!strikes) {
                        return new Fault.None();
                    }
                    simulation.engine().trace("node " + id + ": a flush fails");
                    simulation.counters().diskFailures++;
                    disk.inject(_ -> new Fault.None());
                    return new Fault.IoError();
                });
    }

    /// Whether an I/O error of this disk is part of the plan.
    boolean isDiskFailing() {
        return isDiskFailing;
    }

    /// Whether the directory failed, and no process opens it before somebody has looked at it.
    private boolean isDiskRefused() {
        return disk.exists(NodeStorage.PATH.resolve(FailedMarker.FILE));
    }

    /// An operator gives a failed directory back, and starts the node.
    void repair() {
        if (!isDiskRefused()) {
            return;
        }
        simulation.engine().trace("node " + id + " is repaired");
        crash();
        disk.delete(NodeStorage.PATH.resolve(FailedMarker.FILE));
        disk.syncDirectory(NodeStorage.PATH);
        isDiskFailing = false;
        simulation.checker().diskRepaired(this);
        start();
    }

    /// The disk is replaced by an empty one. The process must be down.
    void wipe() {
        disk = new SimulatedDisk();
        isDiskFailing = false;
        directoryId = simulation.uuid();
        NodeStorage.format(disk, simulation.clusterId(), id, directoryId);
        simulation.counters().wipes++;
        simulation.checker().wiped(this);
    }
}
