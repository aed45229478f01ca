// SPDX-License-Identifier: Apache-2.0
/// Where log lines go: logback, set up in code, and the escaping that keeps a line one line.
///
/// Owns the process-wide logging state, which is set once at the start of the process. Must not see
/// gRPC, the log engine or the partitions.
@NullMarked
package dev.weir.broker.logging;

import org.jspecify.annotations.NullMarked;
