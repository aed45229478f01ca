// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.image.ClusterImage;

import io.grpc.Channel;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/// What a node knows of the way to the active controller. All of it may be asked by any thread, and
/// none of it blocks.
///
/// @param nodeId this node
/// @param local this node's own controller; null on a node that does not vote
/// @param leader the quorum's leader as this node believes; may be this node
/// @param channels the connection to a node's internal listener; null while nobody knows where that
///   is
/// @param imageAtLeast this node's image, once it is that new
public record ControllerAccess(
        int nodeId,
        @Nullable ControllerGateway local,
        Supplier<OptionalInt> leader,
        IntFunction<@Nullable Channel> channels,
        LongFunction<CompletionStage<ClusterImage>> imageAtLeast) {}
