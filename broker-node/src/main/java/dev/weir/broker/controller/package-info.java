// SPDX-License-Identifier: Apache-2.0

/// The way to the active controller from any node, and the metadata feed of brokers that do not
/// vote: the gRPC shells on both sides, and the codec between them and the controller's own types.
///
/// [dev.weir.broker.controller.RemoteControllerGateway] owns the broker's streams to the
/// controller. Sees gRPC and the metadata's types; it must not see partitions, log files or Ratis.
@NullMarked
package dev.weir.broker.controller;

import org.jspecify.annotations.NullMarked;
