// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.watch;

/// A listener's registration.
public interface Subscription extends AutoCloseable {

    /// Ends it. Idempotent; one call that is already on its way may still arrive.
    @Override
    void close();
}
