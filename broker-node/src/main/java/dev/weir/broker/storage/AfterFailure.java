// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.storage;

import dev.weir.broker.partition.core.Assignment;
import dev.weir.log.RecoveryMode;

import java.util.HashSet;

/// How logs are opened in a directory that an I/O error had stopped and an operator gave back.
public final class AfterFailure {

    private AfterFailure() {}

    /// Who is counted for what is committed gives nothing up: the controller left it in ISR or ELR
    /// because there is nobody else.
    public static RecoveryMode mode(Assignment assignment, int nodeId) {
        var holders = new HashSet<>(assignment.isr());
        holders.addAll(assignment.elr());
        return holders.contains(nodeId) || holders.isEmpty()
                ? RecoveryMode.KEEP_VALID_PREFIX
                : RecoveryMode.DROP_UNPROVEN;
    }
}
