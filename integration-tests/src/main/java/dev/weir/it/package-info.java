// SPDX-License-Identifier: Apache-2.0
/// Tests of real processes: the program is started as a user starts it, and judged by what it
/// prints, by its exit code and by the files it leaves.
@NullMarked
package dev.weir.it;

import org.jspecify.annotations.NullMarked;
