// SPDX-License-Identifier: Apache-2.0
/// What a restart makes of the files it finds: [dev.weir.log.recovery.SegmentScan] states facts,
/// [dev.weir.log.recovery.SegmentRecovery] decides by a table, [dev.weir.log.recovery.LogRecovery]
/// does what was decided.
///
/// Owns nothing after it returns. Reads through channels, never mappings. Must not see a running
/// log.
@NullMarked
package dev.weir.log.recovery;

import org.jspecify.annotations.NullMarked;
