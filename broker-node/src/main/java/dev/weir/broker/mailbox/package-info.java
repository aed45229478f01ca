// SPDX-License-Identifier: Apache-2.0
/// One owner at a time, without a thread of its own: the queue in front of a partition.
///
/// Owns the queue and the right to touch what is behind it. Knows nothing of what the events mean.
@NullMarked
package dev.weir.broker.mailbox;

import org.jspecify.annotations.NullMarked;
