// SPDX-License-Identifier: Apache-2.0
/// Threads, and what runs on them again and again.
@NullMarked
package dev.weir.broker.threads;

import org.jspecify.annotations.NullMarked;
