// SPDX-License-Identifier: Apache-2.0
/// The command line: one program, `weir`, whose words scripts rely on.
///
/// Holds no state of a node: `server` starts one and waits, every other command is a client of the
/// public API, without a private door (`log` reads files of a node that is stopped). Records and
/// JSON go to standard output, everything for people to standard error. Must not see the packages
/// of the data path and of the metadata beyond the node's own start, the directory's format and the
/// log's inspection.
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
