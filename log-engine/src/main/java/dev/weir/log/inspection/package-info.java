// SPDX-License-Identifier: Apache-2.0
/// Looks at stored segments offline: what `weir log dump` and `weir log verify` show.
///
/// Reads only; takes no lock, recovers nothing, owns nothing. What it says of a log that is being
/// written is true for the moment it looked. Must not see a running log.
@NullMarked
package dev.weir.log.inspection;

import org.jspecify.annotations.NullMarked;
