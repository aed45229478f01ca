// SPDX-License-Identifier: Apache-2.0

/// How nodes reach one another: the network threads of the process, and the connections to other
/// nodes.
///
/// Owns every outgoing connection. Knows addresses, not what is said over them: it must not see
/// partitions, services or the metadata quorum's log.
@NullMarked
package dev.weir.broker.net;

import org.jspecify.annotations.NullMarked;
