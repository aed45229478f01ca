// SPDX-License-Identifier: Apache-2.0
/// What the metadata log holds: records, batches of them, and the codec to and from bytes.
///
/// Everything here is immutable. The package sees neither the image nor the controller nor Ratis;
/// only its codecs see the generated protobuf classes.
@NullMarked
package dev.weir.metadata.record;

import org.jspecify.annotations.NullMarked;
