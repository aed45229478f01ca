// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.util.UUID;

class ArchitectureTest {

    private static final String ROOT = "dev.weir.metadata";
    private static final String RECORDS = "dev.weir.metadata.record";
    private static final String IMAGE = "dev.weir.metadata.image";
    private static final String CONFIG = "dev.weir.metadata.config";
    private static final String CORE = "dev.weir.metadata.controller.core";
    private static final String LOG = "dev.weir.metadata.log";
    private static final String IDENTITY = "dev.weir.metadata.identity";
    private static final String SCHEMA = "dev.weir.metadata.v1";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    // Generated; large, and depends on protobuf alone.
                    .withImportOption(location -> !location.contains("/dev/weir/metadata/v1/"))
                    .importPackages(ROOT);

    @Test
    void knowsNoOtherModule() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.api..",
                        "dev.weir.record..",
                        "dev.weir.log..",
                        "dev.weir.client..",
                        "dev.weir.broker..")
                .because("the metadata's schema and decisions stand alone")
                .check(CLASSES);
    }

    @Test
    void onlyTheQuorumPackageImportsRatis() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.weir.metadata.quorum")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.ratis..")
                .because("one adapter is to be read when the library changes")
                .check(CLASSES);
    }

    @Test
    void recordsKnowNothingAboveThem() {
        onlyKnows(RECORDS, ROOT, SCHEMA, "com.google.protobuf", "java.nio");
    }

    @Test
    void theImageKnowsRecordsOnly() {
        onlyKnows(
                IMAGE,
                ROOT,
                RECORDS,
                SCHEMA,
                "com.google.protobuf",
                "org.pcollections",
                "java.io",
                "java.nio");
    }

    @Test
    void theConfigurationKnowsRecordsAndTheImage() {
        onlyKnows(CONFIG, RECORDS, IMAGE, "org.pcollections");
    }

    @Test
    void thePortOfTheLogKnowsNothing() {
        onlyKnows(LOG, "java.io");
    }

    @Test
    void theIdentityOfADirectoryKnowsFilesOnly() {
        onlyKnows(IDENTITY, ROOT, "java.io", "java.nio..");
    }

    @Test
    void theHistoryKnowsImagesAndFilesOnly() {
        onlyKnows(
                "dev.weir.metadata.history",
                ROOT,
                IDENTITY,
                RECORDS,
                IMAGE,
                "java.io",
                "java.nio..");
    }

    @Test
    void watchesKnowImagesOnly() {
        onlyKnows("dev.weir.metadata.watch", IMAGE);
    }

    @Test
    void theControllersShellKnowsTheLogByItsPort() {
        onlyKnows(
                "dev.weir.metadata.controller",
                ROOT,
                CORE,
                RECORDS,
                IMAGE,
                LOG,
                "java.io",
                "java.net",
                "java.time",
                "org.slf4j");
    }

    @Test
    void onlyCodecsSeeTheSchema() {
        noClasses()
                .that()
                .resideOutsideOfPackages(SCHEMA, RECORDS, IMAGE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(SCHEMA)
                .because("the bytes of records can change without the rest")
                .check(CLASSES);
    }

    @Test
    void theControllersCoreIsPure() {
        onlyKnows(CORE, RECORDS, IMAGE, CONFIG, "org.pcollections");
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.time..", "java.io..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashMap")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashSet")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .because("equal histories must lead to equal decisions, here and in the simulator")
                .check(CLASSES);
    }

    @Test
    void onlyTheControllersShellAndTheFacadeSeeTheCore() {
        classes()
                .that()
                .resideInAPackage(CORE)
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(
                        CORE, "dev.weir.metadata.controller", "dev.weir.metadata.quorum")
                .check(CLASSES);
    }

    private static void onlyKnows(String one, String... others) {
        var allowed = new String[others.length + 4];
        allowed[0] = one;
        allowed[1] = "java.lang..";
        allowed[2] = "java.util..";
        allowed[3] = "org.jspecify.annotations";
        System.arraycopy(others, 0, allowed, 4, others.length);
        classes()
                .that()
                .resideInAPackage(one)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(CLASSES);
    }
}
