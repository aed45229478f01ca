// SPDX-License-Identifier: Apache-2.0
package dev.weir.client.core;

/// Who a sequenced batch comes from: what InitProducer gave.
public record ProducerIdentity(long producerId, short producerEpoch) {}
