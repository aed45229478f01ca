// SPDX-License-Identifier: Apache-2.0
/// One partition's log on disk: append, read, flush, truncate, recover.
///
/// The public door of the module. A log's state belongs to one writer at a time; readers see
/// published bounds. This package must not see networks, clusters, protobuf or a metrics library;
/// it reaches storage only through [dev.weir.log.disk.Disk] and time only through arguments.
/// [LogException] is here for the whole module, and depends on nothing else in it.
@NullMarked
package dev.weir.log;

import org.jspecify.annotations.NullMarked;
