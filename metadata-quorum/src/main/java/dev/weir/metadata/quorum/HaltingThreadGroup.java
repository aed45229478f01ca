// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;

/// Threads of the library, none of which may die unseen: the server would live on without it.
final class HaltingThreadGroup extends ThreadGroup {

    private final HaltCallback halt;

    HaltingThreadGroup(String name, HaltCallback halt) {
        super(name);
        this.halt = halt;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        halt.halt("metadata quorum thread " + thread.getName() + " died", failure);
    }
}
