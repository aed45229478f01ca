// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// The bytes contradict the layout of [RecordBatchFormat], their CRC, or their codec.
public final class CorruptBatchException extends RecordFormatException {

    public CorruptBatchException(String message) {
        super(message);
    }

    public CorruptBatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
