// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.GeneratedPage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

class ErrorsPageTest {

    @Test
    void thePageOfErrorsIsTheCodes() throws IOException {
        GeneratedPage.check("errors.md", ErrorsPage.text());
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonKeepsTheRulesOfErrorInfo(ErrorReason reason) {
        assertThat(reason.name()).matches("[A-Z][A-Z0-9_]+[A-Z0-9]").hasSizeLessThanOrEqualTo(63);
        assertThat(reason.description() + reason.cure()).doesNotContain("|").doesNotContain("\n");
    }
}
