// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.controller.core.Refusal.Code;

import java.util.Optional;
import java.util.UUID;

/// Whether the process that asks is the one that is registered.
final class Incarnations {

    private Incarnations() {}

    /// @return a refusal if it is not
    static Optional<Decision> refusal(int nodeId, UUID incarnation, DecisionContext context) {
        var broker = context.image().brokers().broker(nodeId);
        if (broker.isEmpty()) {
            return Optional.of(
                    Decision.refuse(Code.UNKNOWN_BROKER, "there is no broker " + nodeId));
        }
        return broker.get().incarnation().equals(incarnation)
                ? Optional.empty()
                : Optional.of(
                        Decision.refuse(
                                Code.STALE_INCARNATION,
                                "another process of broker " + nodeId + " is registered"));
    }
}
