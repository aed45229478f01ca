// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.List;

/// Records that apply together or not at all: one entry of the metadata log.
///
/// Every batch names the activation it was decided in and its place there, so that a replica can
/// tell at apply time whether the image it would change is the one it was decided on (ADR 0005).
///
/// @param activationId the activation in which the batch was decided; at least 1
/// @param seq place in that activation: 0 for [ControllerActivated] itself, then 1, 2, ...
/// @param records in the order in which they apply
public record MetadataBatch(long activationId, long seq, List<MetadataRecord> records) {

    /// Bytes of an encoded batch, inclusive. Far below what Ratis takes in one entry.
    public static final int BYTES_MAX = 512 * 1024;

    /// Refuses an empty batch and a [ControllerActivated] that is not alone at sequence 0.
    public MetadataBatch {
        Checks.atLeast(1, activationId, "activationId");
        Checks.atLeast(0, seq, "seq");
        records = List.copyOf(records);
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a batch without records");
        }
        if (seq == 0) {
            var activates =
                    records.size() == 1
                            && records.getFirst() instanceof ControllerActivated activated
                            && activated.activationId() == activationId;
            if (!activates) {
                throw new IllegalArgumentException("seq 0 is for ControllerActivated alone");
            }
        } else if (records.stream().anyMatch(ControllerActivated.class::isInstance)) {
            throw new IllegalArgumentException("ControllerActivated at seq " + seq);
        }
    }

    /// The batch by which a controller takes over.
    ///
    /// @param term its Raft term
    /// @param activationId the last applied activation id + 1
    public static MetadataBatch activation(long term, long activationId) {
        return new MetadataBatch(
                activationId, 0, List.of(new ControllerActivated(term, activationId)));
    }

    /// Whether this is a [ControllerActivated] batch.
    public boolean isActivation() {
        return seq == 0;
    }
}
