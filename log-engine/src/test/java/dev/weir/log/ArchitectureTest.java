// SPDX-License-Identifier: Apache-2.0
package dev.weir.log;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

class ArchitectureTest {

    /// What every package may use of the module's public one: values without dependencies.
    private static final String VALUES = "dev.weir.log";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.weir.log");

    @Test
    void knowsOnlyTheJdkTheRecordFormatAndItself() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.log..",
                        "dev.weir.record..",
                        "java..",
                        "org.jspecify.annotations",
                        "org.slf4j..")
                .because("a log knows no network, no cluster, no protobuf and no metrics library")
                .check(CLASSES);
    }

    @Test
    void reachesFilesOnlyThroughTheDiskPort() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.weir.log.disk")
                .and()
                .doNotHaveSimpleName("BootId")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.channels..", "java.io")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.nio.file.Files")
                .because("whatever the simulated disk does not see, no crash test covers")
                .check(CLASSES);
    }

    @Test
    void readsNoClock() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.time..")
                .because("time is an argument")
                .check(CLASSES);
    }

    @Test
    void theDiskKnowsNothingAboveIt() {
        onlyKnows("dev.weir.log.disk", "java..", "org.jspecify.annotations");
    }

    @Test
    void smallFilesKnowTheDiskOnly() {
        onlyKnows(
                "dev.weir.log.checkpoint",
                "dev.weir.log.disk",
                "java..",
                "org.jspecify.annotations");
    }

    @Test
    void epochsAndProducersAreFreeOfDisksAndThreads() {
        onlyKnows("dev.weir.log.epoch", "java.lang..", "java.nio", "java.util..", "org.jspecify..");
        onlyKnows(
                "dev.weir.log.producer",
                "dev.weir.log.checkpoint",
                "java.lang..",
                "java.nio",
                "java.util..",
                "org.jspecify..");
        noClasses()
                .that()
                .resideInAnyPackage("dev.weir.log.epoch", "dev.weir.log.producer")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent..")
                .check(CLASSES);
    }

    @Test
    void partsDoNotKnowTheWhole() {
        noClasses()
                .that()
                .resideOutsideOfPackage(VALUES)
                .should()
                .dependOnClassesThat()
                .haveSimpleNameStartingWith("PartitionLog")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("LogDirectory")
                .check(CLASSES);
    }

    private static void onlyKnows(String one, String... others) {
        var allowed = new String[others.length + 2];
        allowed[0] = one;
        allowed[1] = VALUES;
        System.arraycopy(others, 0, allowed, 2, others.length);
        classes()
                .that()
                .resideInAPackage(one)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(CLASSES);
    }
}
