// SPDX-License-Identifier: Apache-2.0

/// Producer, reader and administration over the public API `weir.v1`.
///
/// This package is the shell: threads, clocks, channels and streams. What it decides, it decides in
/// [dev.weir.client.core]. A [dev.weir.client.Producer]'s sending state belongs to its one sender
/// thread; a [dev.weir.client.Reader]'s to the thread that polls. It must not see any module of the
/// server.
@NullMarked
package dev.weir.client;

import org.jspecify.annotations.NullMarked;
