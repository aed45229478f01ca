// SPDX-License-Identifier: Apache-2.0

/// A broker's life as the controller sees it, as a pure function of events and time: registration,
/// liveness, what it reports, what its leaders ask for, its announced end.
///
/// [dev.weir.broker.lifecycle.core.BrokerLifecycle] owns all of its state. Sees commands, records
/// and images of the metadata; no I/O, no clock, no thread.
@NullMarked
package dev.weir.broker.lifecycle.core;

import org.jspecify.annotations.NullMarked;
