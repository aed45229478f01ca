// SPDX-License-Identifier: Apache-2.0
/// The cluster as the metadata log describes it: one immutable [ClusterImage] per applied batch.
///
/// Nobody owns an image; whoever holds one may read it for ever, from any thread. All maps are
/// sorted, so that iteration is the same on every node. The package sees records only, neither the
/// controller nor Ratis.
@NullMarked
package dev.weir.metadata.image;

import org.jspecify.annotations.NullMarked;
