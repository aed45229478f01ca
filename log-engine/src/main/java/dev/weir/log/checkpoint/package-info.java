// SPDX-License-Identifier: Apache-2.0
/// The small files of a log directory: each is replaced as a whole, carries a checksum and a
/// version, and says by type whether it is missing, corrupt or somebody else's.
///
/// No file is owned here: the caller decides when one is written, and by which thread. The package
/// must not know segments or batches.
@NullMarked
package dev.weir.log.checkpoint;

import org.jspecify.annotations.NullMarked;
