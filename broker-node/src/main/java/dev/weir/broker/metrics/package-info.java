// SPDX-License-Identifier: Apache-2.0

/// What the node counts, as Micrometer meters, and the endpoint that serves them.
///
/// The only package of the module that knows Micrometer. Owns the meter registry; meters are never
/// per partition, topic or client, so their number does not grow with use.
@NullMarked
package dev.weir.broker.metrics;

import org.jspecify.annotations.NullMarked;
