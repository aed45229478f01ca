// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Stands for one parked fetch; as [ProduceTicket].
public interface FetchTicket {}
