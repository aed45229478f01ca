// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;

/// One partition of one topic, by the topic's id: a topic that is deleted and made again under the
/// same name is another one (KIP-516).
///
/// @param topicId random, given by the controller
/// @param partition from 0
public record PartitionId(UUID topicId, int partition) implements Comparable<PartitionId> {

    private static final Comparator<PartitionId> ORDER =
            Comparator.comparing(PartitionId::topicId).thenComparingInt(PartitionId::partition);

    private static final int UUID_CHARS = 36;

    /// Refuses negative partitions.
    public PartitionId {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " < 0");
        }
    }

    /// The name of its directory: `<topic id>-<partition>`. Never holds a text from outside.
    public String directoryName() {
        return topicId + "-" + partition;
    }

    /// Reads [#directoryName] back; empty for every other name.
    public static Optional<PartitionId> ofDirectoryName(String name) {
        if (name.length() <= UUID_CHARS + 1 || name.length() > UUID_CHARS + 11) {
            return Optional.empty();
        }
        try {
            var id =
                    new PartitionId(
                            UUID.fromString(name.substring(0, UUID_CHARS)),
                            Integer.parseInt(name.substring(UUID_CHARS + 1)));
            return id.directoryName().equals(name) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(PartitionId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return directoryName();
    }
}
