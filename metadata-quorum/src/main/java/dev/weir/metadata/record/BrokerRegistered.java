// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// A broker process is known; it replaces the node's former registration and starts out fenced.
///
/// @param registration how it presented itself, with its new number
public record BrokerRegistered(BrokerRegistration registration) implements MetadataRecord {}
