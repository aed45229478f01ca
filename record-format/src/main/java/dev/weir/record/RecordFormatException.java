// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// Bytes that are not what a record batch must be. The message holds numbers and field names only,
/// never content.
public abstract sealed class RecordFormatException extends RuntimeException
        permits CorruptBatchException, DecompressedSizeExceededException {

    RecordFormatException(String message) {
        super(message);
    }

    RecordFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
