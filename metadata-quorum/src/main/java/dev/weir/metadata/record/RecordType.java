// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import dev.weir.metadata.UnknownRecordException;

/// The stable numbers of record types, and the version of each that this build writes.
///
/// Numbers are never used again. A version that changes what applying means gets a new number here
/// and needs a raised feature level, so that no node meets it that cannot read it.
enum RecordType {
    CONTROLLER_ACTIVATED(1),
    FEATURE_LEVEL_SET(2),
    TOPIC_CREATED(3),
    TOPIC_DELETED(4),
    PARTITION_CREATED(5),
    PARTITION_CHANGED(6),
    REPLICA_DIRECTORY_CHANGED(7),
    CONFIG_SET(8),
    CONFIG_REMOVED(9),
    BROKER_REGISTERED(10),
    BROKER_FENCED(11),
    BROKER_UNFENCED(12),
    BROKER_SHUTDOWN_STARTED(13),
    BROKER_REMOVED(14),
    DIRECTORY_FAILED(15),
    DIRECTORY_RESTORED(16),
    PRODUCER_IDS_ALLOCATED(17);

    /// The only version of every type so far.
    static final int VERSION = 0;

    private static final RecordType[] BY_ID = new RecordType[18];

    static {
        for (var type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;

    RecordType(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /// The type that `id` and `version` name.
    ///
    /// @throws UnknownRecordException if this build has no such type or version
    static RecordType of(int id, int version) {
        if (id <= 0 || id >= BY_ID.length || version != VERSION) {
            throw new UnknownRecordException(id, version);
        }
        return BY_ID[id];
    }
}
