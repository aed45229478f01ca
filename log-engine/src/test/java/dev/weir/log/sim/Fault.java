// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.sim;

/// What goes wrong in one operation of a simulated disk.
public sealed interface Fault {

    /// Nothing.
    record None() implements Fault {}

    /// The operation throws an I/O error and has no effect; but a flush that fails marks the
    /// unsynced sectors clean, so they are lost although the next flush reports success.
    record IoError() implements Fault {}

    /// A write stores its first bytes only and throws an I/O error.
    ///
    /// @param bytes how many are stored
    record Torn(long bytes) implements Fault {}

    /// A write or flush reports success. Readers see the bytes, stable storage never gets them.
    record Lost() implements Fault {}

    /// A write reports success. Readers see the bytes, but stable storage gets them elsewhere in
    /// the same file, at once.
    ///
    /// @param deltaBytes how far off
    record Misdirected(long deltaBytes) implements Fault {}
}
