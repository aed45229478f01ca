// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

/// What a name in a simulated directory stands for.
sealed interface Node permits FileNode, DirectoryNode {}
