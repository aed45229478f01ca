// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// The value of a configuration key, and where it comes from.
///
/// @param source `default`, `file`, `cluster`, `broker` or `topic`
/// @param isDynamic whether it can be changed while nodes run
public record ConfigValue(
        String name,
        String value,
        String source,
        String defaultValue,
        String description,
        boolean isDynamic) {}
