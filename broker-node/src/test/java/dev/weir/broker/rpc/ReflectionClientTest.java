// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;

import dev.weir.broker.TestNode;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A client that knows nothing but the address: it asks the node what there is, and speaks JSON.
class ReflectionClientTest {

    @Test
    void appendsAndReadsARecordWithJsonAlone(@TempDir Path directory) throws Exception {
        try (var node = TestNode.start(directory, Map.of())) {
            var reflected = new Reflected(node.channel());
            var value =
                    Base64.getEncoder()
                            .encodeToString("h\u00e9llo".getBytes(StandardCharsets.UTF_8));

            assertThat(reflected.services())
                    .contains(
                            "weir.v1.ProduceService",
                            "weir.v1.FetchService",
                            "weir.v1.MetadataService",
                            "weir.v1.AdminService",
                            "grpc.health.v1.Health");
            reflected.call(
                    "weir.v1.AdminService", "CreateTopic", "{name: 'greetings', partitions: 1}");
            var appended =
                    reflected.call(
                            "weir.v1.ProduceService",
                            "Append",
                            "{topic: {name: 'greetings'}, records: {records: [{value: '%s'}]}}"
                                    .formatted(value));
            var read =
                    reflected.call(
                            "weir.v1.FetchService",
                            "Read",
                            "{topic: {name: 'greetings'}, start: {earliest: true}}");

            assertThat(appended).contains("\"durability\":\"DURABILITY_FSYNC\"");
            assertThat(read).contains("\"value\":\"" + value + "\"");
        }
    }

    private static final class Reflected {

        private final Channel channel;
        private final Map<String, FileDescriptorProto> protos = new HashMap<>();

        Reflected(Channel channel) {
            this.channel = channel;
        }

        List<String> services() {
            return ask(ServerReflectionRequest.newBuilder().setListServices(""))
                    .getListServicesResponse()
                    .getServiceList()
                    .stream()
                    .map(ServiceResponse::getName)
                    .toList();
        }

        String call(String service, String method, String json) throws Exception {
            var descriptor = method(service, method);
            var request = DynamicMessage.newBuilder(descriptor.getInputType());
            JsonFormat.parser().merge(json, request);
            var grpcMethod =
                    io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                            .setType(MethodType.UNARY)
                            .setFullMethodName(
                                    io.grpc.MethodDescriptor.generateFullMethodName(
                                            service, method))
                            .setRequestMarshaller(
                                    ProtoUtils.marshaller(
                                            DynamicMessage.getDefaultInstance(
                                                    descriptor.getInputType())))
                            .setResponseMarshaller(
                                    ProtoUtils.marshaller(
                                            DynamicMessage.getDefaultInstance(
                                                    descriptor.getOutputType())))
                            .build();
            var answer =
                    ClientCalls.blockingUnaryCall(
                            channel, grpcMethod, CallOptions.DEFAULT, request.build());
            return JsonFormat.printer().omittingInsignificantWhitespace().print(answer);
        }

        private MethodDescriptor method(String service, String method) throws Exception {
            var files =
                    ask(ServerReflectionRequest.newBuilder().setFileContainingSymbol(service))
                            .getFileDescriptorResponse();
            for (var bytes : files.getFileDescriptorProtoList()) {
                remember(bytes);
            }
            for (var proto : protos.values()) {
                for (var candidate : proto.getServiceList()) {
                    if (service.equals(proto.getPackage() + "." + candidate.getName())) {
                        return build(proto.getName())
                                .findServiceByName(candidate.getName())
                                .findMethodByName(method);
                    }
                }
            }
            throw new AssertionError("no service " + service);
        }

        private FileDescriptor build(String name)
                throws DescriptorValidationException, InvalidProtocolBufferException {
            var proto = protos.get(name);
            if (proto == null) {
                var answer = ask(ServerReflectionRequest.newBuilder().setFileByFilename(name));
                for (var bytes : answer.getFileDescriptorResponse().getFileDescriptorProtoList()) {
                    remember(bytes);
                }
                proto = protos.get(name);
            }
            var dependencies = new FileDescriptor[proto.getDependencyCount()];
            for (int at = 0; at < dependencies.length; at++) {
                dependencies[at] = build(proto.getDependency(at));
            }
            return FileDescriptor.buildFrom(proto, dependencies);
        }

        private void remember(ByteString bytes) throws InvalidProtocolBufferException {
            var proto = FileDescriptorProto.parseFrom(bytes);
            protos.put(proto.getName(), proto);
        }

        private ServerReflectionResponse ask(ServerReflectionRequest.Builder request) {
            var stub = ServerReflectionGrpc.newStub(channel);
            var stream =
                    RecordedStream.<ServerReflectionRequest, ServerReflectionResponse>open(
                            stub::serverReflectionInfo);
            stream.send(request.build());
            var answer = stream.next();
            stream.complete();
            return answer;
        }
    }
}
