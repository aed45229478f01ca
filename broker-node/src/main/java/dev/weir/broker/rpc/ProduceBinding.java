// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.ProduceRequest;
import dev.weir.api.v1.ProduceServiceGrpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

import java.util.ArrayList;

/// The produce service as generated, but for how a stream's requests are read.
final class ProduceBinding {

    private ProduceBinding() {}

    static ServerServiceDefinition bind(ProduceService service, int messageBytesMax) {
        var stock = service.bindService();
        var methods = new ArrayList<ServerMethodDefinition<?, ?>>();
        for (var method : stock.getMethods()) {
            methods.add(
                    method.getMethodDescriptor()
                                    .getFullMethodName()
                                    .equals(
                                            ProduceServiceGrpc.getProduceMethod()
                                                    .getFullMethodName())
                            ? fast(method, messageBytesMax)
                            : method);
        }
        var descriptor =
                ServiceDescriptor.newBuilder(stock.getServiceDescriptor().getName())
                        .setSchemaDescriptor(stock.getServiceDescriptor().getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        var definition = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }

    /// The name says that the method takes produce requests.
    @SuppressWarnings("unchecked")
    private static <A> ServerMethodDefinition<ProduceRequest, A> fast(
            ServerMethodDefinition<?, A> method, int messageBytesMax) {
        var known = (ServerMethodDefinition<ProduceRequest, A>) method;
        MethodDescriptor<ProduceRequest, A> descriptor = known.getMethodDescriptor();
        var marshaller =
                new ProduceRequestMarshaller(descriptor.getRequestMarshaller(), messageBytesMax);
        return ServerMethodDefinition.create(
                descriptor.toBuilder(marshaller, descriptor.getResponseMarshaller()).build(),
                known.getServerCallHandler());
    }
}
