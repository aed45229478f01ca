// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Where a test sees that the process would have ended.
final class RecordedHalts implements HaltCallback {

    private final List<String> reasons = new CopyOnWriteArrayList<>();

    @Override
    public void halt(String reason, Throwable cause) {
        reasons.add(reason);
    }

    List<String> reasons() {
        return List.copyOf(reasons);
    }
}
