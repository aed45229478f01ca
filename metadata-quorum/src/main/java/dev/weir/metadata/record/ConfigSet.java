// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A configuration value counts from now on.
///
/// @param scope what it is for
/// @param key the key's name
/// @param value the value in its text form, checked when it was decided
public record ConfigSet(ConfigScope scope, String key, String value) implements MetadataRecord {

    /// Refuses an empty key.
    public ConfigSet {
        Checks.notEmpty(key, "key");
    }
}
