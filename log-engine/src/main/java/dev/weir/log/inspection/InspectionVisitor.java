// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.inspection;

import dev.weir.record.RecordBatch;

import java.nio.file.Path;

/// Is told what an inspection finds, in order of directory, segment, position.
public interface InspectionVisitor {

    /// A segment begins.
    ///
    /// @param file its batches
    /// @param baseOffset from its name
    /// @param state what its sidecar says: `open`, `ended at N`, or what is wrong with it
    default void segment(Path file, long baseOffset, String state) {}

    /// A batch that belongs to the log.
    ///
    /// @param header its header
    /// @param batch the whole batch; only during the call
    default void batch(InspectedBatch header, RecordBatch batch) {}

    /// Something that is as it may be, but worth knowing: unwritten space, bytes above a cut.
    default void note(Path file, long position, String text) {}

    /// Something that must not be.
    ///
    /// @param position in the file, in bytes
    default void problem(Path file, long position, String text) {}
}
