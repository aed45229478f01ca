// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.record.RecordBatch;

/// A whole batch and where it came from: its CRC is right, its records are not decoded yet.
///
/// @param partition where it is stored
/// @param fromOffset first offset wanted, inclusive; records of the batch below it are to be
///   skipped
/// @param batch the bytes; control batches are left out by the reader
public record FetchedBatch(TopicPartition partition, long fromOffset, RecordBatch batch) {}
