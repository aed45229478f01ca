// SPDX-License-Identifier: Apache-2.0

/// One node: the order in which its parts start and stop.
///
/// [dev.weir.broker.BrokerNode] owns every part and decides nothing else; all rules are in the
/// packages below.
@NullMarked
package dev.weir.broker;

import org.jspecify.annotations.NullMarked;
