// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

/// How a log line is written.
public enum LogFormat {
    /// One line for people.
    TEXT,
    /// One JSON object a line.
    JSON
}
