// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.ControllerCommand.AllocateProducerIds;
import dev.weir.metadata.record.ProducerIdsAllocated;

import java.util.List;

/// Decides [AllocateProducerIds]: the next block. One that is lost with its broker stays unused.
final class ProducerIdAllocation {

    /// Ids in one block.
    static final int BLOCK_COUNT = 1_000;

    private ProducerIdAllocation() {}

    static Decision decide(AllocateProducerIds command, DecisionContext context) {
        var first = context.image().nextProducerId();
        return Incarnations.refusal(command.nodeId(), command.incarnation(), context)
                .orElseGet(
                        () ->
                                Decision.accept(
                                        List.of(new ProducerIdsAllocated(first, BLOCK_COUNT)),
                                        new CommandResult.ProducerIds(first, BLOCK_COUNT)));
    }
}
