// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A scope no longer has a value of its own for a key; the next wider scope counts.
///
/// @param scope what it was for
/// @param key the key's name
public record ConfigRemoved(ConfigScope scope, String key) implements MetadataRecord {

    /// Refuses an empty key.
    public ConfigRemoved {
        Checks.notEmpty(key, "key");
    }
}
