// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// What [BatchValidator] found. All cases are ordinary: anyone may send anything.
public sealed interface BatchCheck {

    /// The batch can be appended.
    ///
    /// @param batch view into the buffer that was checked
    record Valid(RecordBatch batch) implements BatchCheck {}

    /// The bytes are not an acceptable batch.
    ///
    /// @param field the field at fault, named as in [RecordBatchFormat]; `batch` if it is the whole
    /// @param reason what is wrong, numbers included, fit for the sender; holds no content
    record Malformed(String field, String reason) implements BatchCheck {}

    /// The batch is longer than its receiver takes.
    ///
    /// @param sizeBytes its size
    /// @param limitBytes largest size taken, inclusive
    record TooLarge(int sizeBytes, int limitBytes) implements BatchCheck {}
}
