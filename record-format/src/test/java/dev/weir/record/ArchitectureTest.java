// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

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
                    .importPackages("dev.weir");

    @Test
    void knowsOnlyTheJdkTheCodecsAndItself() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.weir.record",
                        "java..",
                        "org.jspecify.annotations",
                        "org.xerial.snappy",
                        "net.jpountz.lz4",
                        "com.github.luben.zstd")
                .because(
                        "client, log and replicas agree on these bytes whatever else they are built"
                                + " on")
                .check(CLASSES);
    }

    @Test
    void keepsTheCodecsToTwoClasses() {
        noClasses()
                .that()
                .doNotHaveSimpleName("Codecs")
                .and()
                .doNotHaveSimpleName("SnappyFraming")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.xerial.snappy", "net.jpountz.lz4", "com.github.luben.zstd")
                .check(CLASSES);
    }

    @Test
    void hasNeitherFilesNorThreadsNorClocks() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file", "java.net", "java.util.concurrent..", "java.time")
                .check(CLASSES);
    }
}
