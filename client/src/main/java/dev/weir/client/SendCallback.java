// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import org.jspecify.annotations.Nullable;

/// Told once what became of a record. Runs on the producer's sender thread: it must not block and
/// not throw.
@FunctionalInterface
public interface SendCallback {

    /// Exactly one argument is not `null`.
    void onCompletion(@Nullable Receipt receipt, @Nullable ClientException failure);
}
