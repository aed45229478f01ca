// SPDX-License-Identifier: Apache-2.0
package dev.weir.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;

import dev.weir.api.internal.v1.ReplicationProto;
import dev.weir.api.v1.Admin;
import dev.weir.api.v1.Common;
import dev.weir.api.v1.Fetch;
import dev.weir.api.v1.Metadata;
import dev.weir.api.v1.Produce;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;

/// `weir.v1` only grows: what a released stub sends or understands is never taken away or changed.
///
/// The contract is listed line by line in `contract.txt`. A change that takes a line away breaks
/// programs that exist. `./mvnw test -pl api-proto -Dcontract.update=true` adds the new lines.
///
/// `weir.internal.v1` is spoken between nodes only, which name the protocol's version when they
/// meet: it is held to the style, and not listed.
class ContractTest {

    private static final Path LISTED = Path.of("src/test/resources/contract.txt");

    private static final List<FileDescriptor> FILES =
            List.of(
                    Common.getDescriptor(),
                    Produce.getDescriptor(),
                    Fetch.getDescriptor(),
                    Metadata.getDescriptor(),
                    Admin.getDescriptor());

    private static final List<FileDescriptor> INTERNAL_FILES =
            List.of(ReplicationProto.getDescriptor());

    @Test
    void takesNothingAwayAndListsEveryAddition() throws IOException {
        // Given
        var listed = new TreeSet<>(Files.readAllLines(LISTED, StandardCharsets.UTF_8));

        // When
        var actual = new TreeSet<>(FILES.stream().flatMap(ContractTest::lines).toList());

        // Then
        assertThat(actual).as("lines of the contract that are gone or changed").containsAll(listed);
        if (Boolean.getBoolean("contract.update")) {
            Files.write(LISTED, actual, StandardCharsets.UTF_8);
        } else {
            assertThat(listed)
                    .as("additions to list with -Dcontract.update=true")
                    .isEqualTo(actual);
        }
    }

    @Test
    void namesServicesRequestsAndEnumValuesByTheStyleGuide() {
        var faults = new ArrayList<String>();
        for (var file : Stream.concat(FILES.stream(), INTERNAL_FILES.stream()).toList()) {
            for (var service : file.getServices()) {
                faults.addAll(serviceFaults(service));
            }
            for (var type : file.getEnumTypes()) {
                faults.addAll(enumFaults(type));
            }
            for (var message : file.getMessageTypes()) {
                for (var field : message.getFields()) {
                    if (!field.getName().matches("[a-z][a-z0-9]*(_[a-z0-9]+)*")) {
                        faults.add(field.getFullName() + ": not snake_case");
                    }
                }
            }
        }

        assertThat(faults).isEmpty();
    }

    private static List<String> serviceFaults(ServiceDescriptor service) {
        var faults = new ArrayList<String>();
        if (!service.getName().endsWith("Service")) {
            faults.add(service.getFullName() + ": a service's name ends in Service");
        }
        for (var method : service.getMethods()) {
            if (!method.getInputType().getName().equals(method.getName() + "Request")
                    || !method.getOutputType().getName().equals(method.getName() + "Response")) {
                faults.add(method.getFullName() + ": takes and gives its own Request and Response");
            }
        }
        return faults;
    }

    private static List<String> enumFaults(EnumDescriptor type) {
        var prefix =
                type.getName().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
        return type.getValues().stream()
                .filter(value -> !value.getName().startsWith(prefix))
                .map(value -> type.getFullName() + "." + value.getName() + ": lacks " + prefix)
                .toList();
    }

    private static Stream<String> lines(FileDescriptor file) {
        var fields =
                file.getMessageTypes().stream()
                        .flatMap(message -> message.getFields().stream())
                        .map(ContractTest::line);
        var values =
                file.getEnumTypes().stream()
                        .flatMap(type -> type.getValues().stream())
                        .map(value -> value.getFullName() + " = " + value.getNumber());
        var methods =
                file.getServices().stream()
                        .flatMap(service -> service.getMethods().stream())
                        .map(ContractTest::line);
        return Stream.of(fields, values, methods).flatMap(one -> one);
    }

    private static String line(FieldDescriptor field) {
        var type =
                switch (field.getJavaType()) {
                    case MESSAGE -> field.getMessageType().getFullName();
                    case ENUM -> field.getEnumType().getFullName();
                    default -> field.getType().name().toLowerCase(Locale.ROOT);
                };
        var oneof = field.getRealContainingOneof();
        return "%s = %d %s%s%s"
                .formatted(
                        field.getFullName(),
                        field.getNumber(),
                        field.isRepeated() ? "repeated " : isOptional(field) ? "optional " : "",
                        type,
                        oneof == null ? "" : " in oneof " + oneof.getName());
    }

    private static boolean isOptional(FieldDescriptor field) {
        return field.hasPresence()
                && field.getRealContainingOneof() == null
                && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE;
    }

    private static String line(MethodDescriptor method) {
        return "rpc %s(%s%s) returns (%s%s)"
                .formatted(
                        method.getFullName(),
                        method.isClientStreaming() ? "stream " : "",
                        method.getInputType().getFullName(),
                        method.isServerStreaming() ? "stream " : "",
                        method.getOutputType().getFullName());
    }
}
