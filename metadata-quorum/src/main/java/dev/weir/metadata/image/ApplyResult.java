// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

/// What one entry of the metadata log did to the image. The same on every replica.
public sealed interface ApplyResult {

    /// The batch counts.
    ///
    /// @param image the image after it
    /// @param delta what it changed
    record Applied(ClusterImage image, ImageDelta delta) implements ApplyResult {}

    /// The batch was decided on another image than the one it met: it never happened.
    ///
    /// @param reason the rule that it broke
    record Skipped(SkipReason reason) implements ApplyResult {}

    /// The fence rules of ADR 0005, each named by what breaks it.
    enum SkipReason {
        /// `ControllerActivated` of one term in a log entry of another.
        ACTIVATION_OF_ANOTHER_TERM,
        /// `ControllerActivated` whose id does not exceed the current one.
        ACTIVATION_NOT_NEWER,
        /// A batch of another activation than the current one.
        OTHER_ACTIVATION,
        /// A batch in a log entry of another term than the current activation's.
        BATCH_OF_ANOTHER_TERM,
        /// A batch that does not follow the last applied one of its activation.
        SEQUENCE_GAP
    }
}
