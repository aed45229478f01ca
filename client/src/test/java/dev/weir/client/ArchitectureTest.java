// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.weir.client");

    @Test
    void theCoreIsPure() {
        classes()
                .that()
                .resideInAPackage("dev.weir.client.core")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.client.core",
                        "dev.weir.record",
                        "java.lang..",
                        "java.nio",
                        "java.util",
                        "java.util.stream",
                        "java.util.function",
                        "org.jspecify.annotations")
                .because("it runs unchanged in the simulator: no network, clock, thread or lock")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("dev.weir.client.core")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    void theClientKnowsTheWireAndTheRecordFormatOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.broker..",
                        "dev.weir.log..",
                        "dev.weir.metadata..",
                        "dev.weir.internal..")
                .check(CLASSES);
    }

    @Test
    void onlyTheTransportKnowsNetty() {
        noClasses()
                .that()
                .doNotHaveSimpleName("NettyChannels")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.grpc.netty..")
                .check(CLASSES);
    }
}
