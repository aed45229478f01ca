// SPDX-License-Identifier: Apache-2.0
/// The port between the controller and whatever replicates its batches.
///
/// Opaque bytes go in, are committed by a majority, and come out in one order on every voter.
/// Nothing here knows records, and nothing here knows Ratis: `dev.weir.metadata.quorum` implements
/// the port, tests and the simulator may implement it in memory. Owns no state.
@NullMarked
package dev.weir.metadata.log;

import org.jspecify.annotations.NullMarked;
