// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

/// How much is logged; each level includes those before it.
public enum LogLevel {
    /// Nothing.
    OFF,
    /// An operator must act.
    ERROR,
    /// Degraded; recovers by itself.
    WARN,
    /// A state changed.
    INFO,
    /// What a request did.
    DEBUG,
    /// Everything.
    TRACE
}
