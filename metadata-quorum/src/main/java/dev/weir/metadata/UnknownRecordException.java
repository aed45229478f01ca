// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

/// A metadata record of a type or version that this build does not know.
///
/// It is never skipped: a node that applied the rest would hold another image than its peers. The
/// feature level keeps it from happening in a cluster that is upgraded in order.
public final class UnknownRecordException extends MetadataException {

    private static final long serialVersionUID = 1L;

    /// @param typeId the stable id of the record type that was read
    /// @param version the version of that type that was read
    public UnknownRecordException(int typeId, int version) {
        super(
                "metadata record type "
                        + typeId
                        + " version "
                        + version
                        + " is unknown to this build");
    }
}
