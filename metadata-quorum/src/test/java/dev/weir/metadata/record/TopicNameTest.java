// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "Orders.2026_eu-1", "...", "__consumer_offsets", "-"})
    void takesKafkasNames(String name) {
        assertThat(TopicName.problem(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", "../x", "a b", "a/b", "ä", "a\n", "a\u0000", "a:b", "\u001b["
            })
    void refusesEverythingElse(String name) {
        assertThat(TopicName.problem(name)).isPresent();
    }

    @Test
    void refusesLongNamesAndDoesNotRepeatThem() {
        assertThat(TopicName.problem("a".repeat(249))).isEmpty();
        assertThat(TopicName.problem("a".repeat(250)).orElseThrow())
                .contains("250")
                .doesNotContain("aaa");
    }

    @Test
    void knowsItsOwnTopics() {
        assertThat(TopicName.isInternal("__groups")).isTrue();
        assertThat(TopicName.isInternal("_mine")).isFalse();
    }
}
