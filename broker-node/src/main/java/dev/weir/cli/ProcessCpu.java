// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// User and system time of processes, from `/proc/PID/stat` (proc(5)): all their threads, from
/// their start.
final class ProcessCpu {

    /// `USER_HZ`, which is 100 in every Linux ABI for x86-64.
    private static final double TICKS_PER_SECOND = 100;

    /// Fields are counted from the one after the command's name, which is the third.
    private static final int UTIME = 11;

    private static final int STIME = 12;

    private ProcessCpu() {}

    /// CPU seconds of this process since its start, that of the JVM included.
    static double ownSeconds() {
        return seconds("self");
    }

    /// CPU seconds of the processes together.
    ///
    /// @throws CommandFailure when one of them does not run
    static double seconds(List<Long> pids) {
        return pids.stream().mapToDouble(pid -> seconds(String.valueOf(pid))).sum();
    }

    private static double seconds(String pid) {
        try {
            var stat = Files.readString(Path.of("/proc", pid, "stat"));
            // The name is in parentheses and may hold anything, so the last one ends it.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]))
                    / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new CommandFailure(
                    "there is no process " + pid + ": give --pids the ids of nodes that run", e);
        }
    }
}
