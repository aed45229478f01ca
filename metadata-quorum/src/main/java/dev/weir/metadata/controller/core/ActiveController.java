// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import java.util.List;

/// The controller of the node that leads the quorum: decides against its pending image, proposes
/// batches, and answers callers once those have applied (ADR 0005).
///
/// ```
///              BecameLeader                 own ControllerActivated applied
///   Standby ─────────────────▶ Activating ───────────────────────────────▶ Active
///      ▲                           ▲                                         │
///      │ LostLeadership            └──── proposal refused, failed, skipped ──┘
///      └──── from every state               (renounce: pending image dropped)
/// ```
///
/// **Threading:** none of its own; one event at a time, all state is owned by the caller.
public final class ActiveController {

    /// @param settings times and limits
    /// @param configRules the keys that exist
    public ActiveController(ControllerSettings settings, ConfigRules configRules) {}

    /// Reacts to one event.
    ///
    /// @param event what happened
    /// @param nowMs monotonic time in milliseconds; never falls
    /// @return what to do, in order
    public List<ControllerEffect> on(ControllerEvent event, long nowMs) {
        return List.of();
    }

    /// Whether decisions are being made: an own activation has applied and was not given up.
    public boolean isActive() {
        return false;
    }
}
