// SPDX-License-Identifier: Apache-2.0
/// The dynamic configuration: which keys exist, what their values may be, and which value counts.
///
/// Holds no state. Sees records and images; the controller and the brokers see it.
@NullMarked
package dev.weir.metadata.config;

import org.jspecify.annotations.NullMarked;
