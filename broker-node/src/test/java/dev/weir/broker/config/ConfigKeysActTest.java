// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

class ConfigKeysActTest {

    /// Keys that are conditions on the others: the configuration is refused when they do not hold.
    private static final Set<String> CHECKED_ONLY = Set.of("INSECURE_LISTENERS");

    private static final JavaClasses WEIR =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.weir.broker", "dev.weir.cli");

    @Test
    void everyKeyIsReadBySomethingOtherThanItsChecks() {
        var keys =
                WEIR.get(BrokerConfigKey.class).getFields().stream()
                        .filter(field -> field.getRawType().isEquivalentTo(BrokerConfigKey.class))
                        .toList();

        assertThat(keys).hasSize(BrokerConfigKey.all().size());
        assertThat(keys)
                .filteredOn(key -> !acts(key))
                .extracting(JavaField::getName)
                .containsExactlyInAnyOrderElementsOf(CHECKED_ONLY);
    }

    private static boolean acts(JavaField key) {
        return key.getAccessesToSelf().stream().anyMatch(ConfigKeysActTest::leadsOutside);
    }

    /// Read outside of the configuration, or by one of its accessors that is called from outside.
    private static boolean leadsOutside(JavaAccess<?> read) {
        if (isOutside(read.getOriginOwner())) {
            return true;
        }
        return !read.getOrigin().getName().equals("insecureListeners")
                && callersOf(read).stream().anyMatch(ConfigKeysActTest::isOutside);
    }

    private static List<JavaClass> callersOf(JavaAccess<?> read) {
        return read.getOrigin().getAccessesToSelf().stream()
                .map(JavaAccess::getOriginOwner)
                .toList();
    }

    private static boolean isOutside(JavaClass type) {
        return !type.getPackageName().equals("dev.weir.broker.config");
    }
}
