// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.metadata.image.BrokerState;
import dev.weir.metadata.image.BrokersImage;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.image.ImageDelta;
import dev.weir.metadata.watch.ImageListener;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Sees in the images which process each node is registered with.
///
/// **Threading:** the apply thread.
final class ProcessWatch implements ImageListener {

    private final Executor executor;
    private final Consumer<Map<Integer, UUID>> onChange;
    private Map<Integer, UUID> known = Map.of();

    /// @param executor runs `onChange`, one call at a time, in order
    /// @param onChange told the incarnation of every node
    ProcessWatch(Executor executor, Consumer<Map<Integer, UUID>> onChange) {
        this.executor = executor;
        this.onChange = onChange;
    }

    @Override
    public void onSnapshot(ClusterImage image) {
        look(image.brokers());
    }

    @Override
    public void onDelta(ClusterImage image, ImageDelta delta) {
        look(image.brokers());
    }

    private void look(BrokersImage brokers) {
        var processes =
                brokers.all().stream()
                        .collect(Collectors.toMap(BrokerState::nodeId, BrokerState::incarnation));
        if (!processes.equals(known)) {
            known = processes;
            executor.execute(() -> onChange.accept(processes));
        }
    }
}
