// SPDX-License-Identifier: Apache-2.0
/// The module's failures: the one sealed family that everything under `dev.weir.metadata` throws.
///
/// Holds no state and sees no other package of the module.
@NullMarked
package dev.weir.metadata;

import org.jspecify.annotations.NullMarked;
