// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

/// Byte layout of one record batch: Kafka's record batch v2 (KIP-98), unchanged.
///
/// Big-endian; positions and sizes in bytes, counted from the start of the batch.
///
/// | at | size | field                  | note                                                              |
/// |---:|-----:|------------------------|-------------------------------------------------------------------|
/// |  0 |    8 | `baseOffset`           | offset of the first record; stamped by the leader                 |
/// |  8 |    4 | `batchLength`          | bytes that follow this field                                      |
/// | 12 |    4 | `leaderEpoch`          | epoch of the leader that appended; stamped by the leader          |
/// | 16 |    1 | `magic`                | 2                                                                 |
/// | 17 |    4 | `crc`                  | CRC-32C of bytes 21 to the end                                    |
/// | 21 |    2 | `attributes`           | bits 0-2 codec, 3 log append time, 4 transactional, 5 control, 6 delete horizon |
/// | 23 |    4 | `lastOffsetDelta`      | offset of the last record minus `baseOffset`                      |
/// | 27 |    8 | `baseTimestampMs`      | timestamp of the first record, milliseconds since the Unix epoch  |
/// | 35 |    8 | `maxTimestampMs`       | the largest timestamp in the batch                                |
/// | 43 |    8 | `producerId`           | -1: the producer has none                                         |
/// | 51 |    2 | `producerEpoch`        | -1 without a producer id                                          |
/// | 53 |    4 | `baseSequence`         | sequence of the first record; -1 without a producer id            |
/// | 57 |    4 | `recordCount`          | records that follow; at least 1 when a producer sends it          |
/// | 61 |    … | records                | one block, compressed as `attributes` says                        |
///
/// `baseOffset` and `leaderEpoch` are outside the CRC, so that the leader stamps them without
/// reading the records again.
///
/// One record, all integers zigzag varints (`varint` up to 5 bytes, `varlong` up to 10):
///
/// | field            | type    | note                                              |
/// |------------------|---------|---------------------------------------------------|
/// | `length`         | varint  | bytes that follow this field                      |
/// | `attributes`     | 1 byte  | unused                                            |
/// | `timestampDelta` | varlong | to `baseTimestampMs`                              |
/// | `offsetDelta`    | varint  | to `baseOffset`                                   |
/// | `keyLength`      | varint  | -1: no key                                        |
/// | key              | bytes   |                                                   |
/// | `valueLength`    | varint  | -1: no value                                      |
/// | value            | bytes   |                                                   |
/// | `headerCount`    | varint  |                                                   |
/// | headers          |         | key length, key (UTF-8), value length or -1, value |
public final class RecordBatchFormat {

    public static final int BASE_OFFSET_AT = 0;
    public static final int BATCH_LENGTH_AT = 8;
    public static final int LEADER_EPOCH_AT = 12;
    public static final int MAGIC_AT = 16;
    public static final int CRC_AT = 17;
    public static final int ATTRIBUTES_AT = 21;
    public static final int LAST_OFFSET_DELTA_AT = 23;
    public static final int BASE_TIMESTAMP_MS_AT = 27;
    public static final int MAX_TIMESTAMP_MS_AT = 35;
    public static final int PRODUCER_ID_AT = 43;
    public static final int PRODUCER_EPOCH_AT = 51;
    public static final int BASE_SEQUENCE_AT = 53;
    public static final int RECORD_COUNT_AT = 57;

    /// Bytes of a batch before its first record.
    public static final int HEADER_BYTES = 61;

    /// Bytes before the ones that `batchLength` counts.
    public static final int LENGTH_PREFIX_BYTES = 12;

    /// First byte that the CRC covers.
    public static final int CRC_COVERS_FROM = 21;

    /// The only batch version there is here.
    public static final byte MAGIC = 2;

    public static final int COMPRESSION_MASK = 0x07;
    public static final int LOG_APPEND_TIME_MASK = 0x08;
    public static final int TRANSACTIONAL_MASK = 0x10;
    public static final int CONTROL_MASK = 0x20;

    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_TIMESTAMP_MS = -1;

    private RecordBatchFormat() {}
}
