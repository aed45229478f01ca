// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A feature's level for the whole cluster. Only ever raised, and only when all brokers support it.
///
/// @param feature the feature's name; [#WEIR_VERSION] is the one that exists now
/// @param level the level that counts from this record on; at least 1
public record FeatureLevelSet(String feature, int level) implements MetadataRecord {

    /// The feature that stands for the formats and protocols of the cluster as a whole.
    public static final String WEIR_VERSION = "weir.version";

    /// The level that this build writes and reads.
    public static final int WEIR_VERSION_LEVEL = 1;

    /// Refuses an empty name and a level below 1.
    public FeatureLevelSet {
        Checks.notEmpty(feature, "feature");
        Checks.atLeast(1, level, "level");
    }
}
