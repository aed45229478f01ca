// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

/// Who calls.
///
/// @param name as the way of authentication gives it
public record Principal(String name) {

    /// Everybody, until a way of authentication is configured.
    public static final Principal ANONYMOUS = new Principal("anonymous");
}
