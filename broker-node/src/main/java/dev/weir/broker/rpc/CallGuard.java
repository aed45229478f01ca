// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;

/// Stands before every call: says who calls, and lets nothing in that the node's state forbids.
/// What a principal may do is asked where the resource is known, through [Access].
final class CallGuard implements ServerInterceptor {

    private static final Logger LOG = LoggerFactory.getLogger(CallGuard.class);

    /// Nodes need one another to start and to stop: their own calls are taken at every stage.
    private static final String NODE_TO_NODE = "weir.internal.";

    private static final Context.Key<Principal> PRINCIPAL = Context.key("weir-principal");

    private static final Context.Key<Boolean> FORWARDED = Context.key("weir-forwarded");

    private final NodeState state;
    private final boolean isAmongNodes;

    /// @param isAmongNodes whether callers are nodes: what they say of their callers is believed,
    ///   and nothing of theirs is forwarded on
    CallGuard(NodeState state, boolean isAmongNodes) {
        this.state = state;
        this.isAmongNodes = isAmongNodes;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var method = call.getMethodDescriptor();
        LOG.debug("call {}", method.getFullMethodName());
        var service = method.getServiceName();
        boolean ours =
                service != null && service.startsWith("weir.") && !service.startsWith(NODE_TO_NODE);
        var refusal = refusal(call.getAttributes(), ours);
        if (refusal.isPresent()) {
            var exception = ErrorMapping.toException(refusal.get());
            call.close(exception.getStatus(), trailers(exception.getTrailers()));
            return new ServerCall.Listener<>() {};
        }
        var named = isAmongNodes ? ForwardHeaders.principal(headers) : null;
        var context =
                Context.current()
                        .withValue(PRINCIPAL, named == null ? Principal.ANONYMOUS : named)
                        .withValue(FORWARDED, isAmongNodes);
        return Contexts.interceptCall(context, call, headers, next);
    }

    /// Who makes the current call.
    ///
    /// @throws IllegalStateException outside of a call
    static Principal caller() {
        var principal = PRINCIPAL.get();
        if (principal == null) {
            throw new IllegalStateException(
                    Status.Code.UNAUTHENTICATED + ": no principal in this context");
        }
        return principal;
    }

    /// Whether another node brought the current call: it is answered here or not at all.
    static boolean isForwarded() {
        return Boolean.TRUE.equals(FORWARDED.get());
    }

    private Optional<ApiError> refusal(Attributes connection, boolean ours) {
        if (ConnectionBound.isRefused(connection)) {
            return Optional.of(
                    ApiError.of(
                            ErrorReason.NODE_OVERLOADED,
                            "the node has as many connections as it may; ask another node"));
        }
        return ours ? state.refusal() : Optional.empty();
    }

    private static Metadata trailers(@Nullable Metadata trailers) {
        return trailers == null ? new Metadata() : trailers;
    }
}
