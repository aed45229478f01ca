// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.ConfigScope;

import java.util.Optional;

/// What the controller must know of configuration keys; `ConfigKeys::problem` where Weir runs.
@FunctionalInterface
public interface ConfigRules {

    /// Why `value` cannot be set for `key` at `scope`.
    ///
    /// @return one sentence; empty if it can
    Optional<String> problem(ConfigScope scope, String key, String value);
}
