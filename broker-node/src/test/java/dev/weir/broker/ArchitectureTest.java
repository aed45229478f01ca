// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/// The package rules of this module.
class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.weir.broker");

    @Test
    void coresArePure() {
        classes()
                .that()
                .resideInAPackage("dev.weir.broker..core")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.broker..core",
                        "dev.weir.log.epoch",
                        "dev.weir.log.producer",
                        "dev.weir.metadata.controller.core",
                        "dev.weir.metadata.image",
                        "dev.weir.metadata.record",
                        "java.lang..",
                        "java.nio",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "org.pcollections",
                        "org.jspecify.annotations")
                .because("decisions run unchanged in the simulator: no I/O, thread, lock or buffer")
                .check(CLASSES);
    }

    @Test
    void coresReadNoClockAndDrawNoRandomNumbers() {
        noClasses()
                .that()
                .resideInAPackage("dev.weir.broker..core")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.(util\\.(Random|SplittableRandom)|lang\\.Math\\$Random.*)")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .because("same state, same event, same effects")
                .check(CLASSES);
    }

    @Test
    void theMailboxKnowsNothingOfWhatItCarries() {
        classes()
                .that()
                .resideInAPackage("dev.weir.broker.mailbox")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.weir.broker.mailbox", "java..", "org.jspecify.annotations")
                .because("it is the one place where ownership of a partition is decided")
                .check(CLASSES);
    }

    @Test
    void partitionsAndStorageKnowNoWire() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.weir.broker.partition..",
                        "dev.weir.broker.storage..",
                        "dev.weir.broker.mailbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.api..",
                        "dev.weir.broker.rpc..",
                        "io.grpc..",
                        "io.netty..",
                        "io.micrometer..",
                        "com.google.protobuf..",
                        "org.apache.ratis..")
                .because("what is decided does not depend on who asked in which words")
                .check(CLASSES);
    }

    @Test
    void partitionsKnowNoMetadataQuorum() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.weir.broker.partition..", "dev.weir.broker.mailbox..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.weir.metadata..", "dev.weir.broker.storage..")
                .because("an image reaches a partition as values")
                .check(CLASSES);
    }

    @Test
    void coresAreUsedByTheirShellsAndOnlyThroughValuesByOthers() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.weir.broker.partition..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.weir.broker.partition.core.PartitionReplica")
                .because("the replica has one owner: the partition's turns")
                .check(CLASSES);
    }
}
