// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

/// Stands for one produce in the replica's hands: the shell's object, which holds the batch's bytes
/// and the one to be answered. The replica only passes it on; equality is identity.
public interface ProduceTicket {}
