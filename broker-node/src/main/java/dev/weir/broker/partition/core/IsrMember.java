// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.partition.core;

import java.util.UUID;

/// A member of a proposed ISR.
///
/// @param incarnation the process whose acknowledgements justify the membership; of a member
///   without a session, the one that the image names
public record IsrMember(int nodeId, UUID incarnation) {}
