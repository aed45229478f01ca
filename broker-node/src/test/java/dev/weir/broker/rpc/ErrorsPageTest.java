// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.toSet;

import dev.weir.broker.GeneratedPage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class ErrorsPageTest {

    /// Each with the why. Everything else is shown by a test over a running node.
    private static final Map<ErrorReason, String> NOT_SHOWN_BY_ONE_NODE =
            new EnumMap<>(
                    Map.of(
                            ErrorReason.NOT_ENOUGH_REPLICAS,
                            "one node has one replica of a partition: min.insync.replicas counts"
                                    + " as at most that, and it is in sync as long as it leads",
                            ErrorReason.HIGH_WATERMARK_NOT_READY,
                            "a sole replica's log is durable to its end once it is recovered, so"
                                    + " it knows its high watermark as soon as it leads",
                            ErrorReason.NO_CONTROLLER,
                            "the sole voter is the controller as long as it takes calls",
                            ErrorReason.CHANGE_OUTCOME_UNKNOWN,
                            "needs a controller that is lost while its node goes on",
                            ErrorReason.UNAUTHENTICATED,
                            "this version asks nobody who he is",
                            ErrorReason.ACL_DENIED,
                            "this version allows everything; AccessTest puts another authorizer in",
                            ErrorReason.UNSUPPORTED,
                            "only a broker of another version that registers is told so",
                            ErrorReason.INTERNAL_ERROR,
                            "a defect that is known would be mended"));

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

    @ParameterizedTest
    @EnumSource
    void everyReasonThatOneNodeCanShowIsExpectedByATestOverOne(ErrorReason reason)
            throws IOException {
        var expected =
                Pattern.compile("ErrorReason\\." + reason + "\\b|\"" + reason + "\"").asPredicate();

        assertThat(testsOverANode().stream().anyMatch(expected))
                .as("a test that runs a node and expects %s", reason)
                .isEqualTo(!NOT_SHOWN_BY_ONE_NODE.containsKey(reason));
    }

    @Test
    void thePageHasEveryNameThatErrorsCarryAndNoOther() throws IOException {
        var carried = new TreeSet<String>();
        try (var files = Files.walk(Path.of("src", "main", "java", "dev", "weir", "broker"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> names("\\.with\\(\\s*\"(\\w+)\"", text(file)))
                    .forEach(carried::add);
        }
        var rows =
                ErrorsPage.text()
                        .lines()
                        .dropWhile(line -> !line.startsWith("## Values"))
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(0, line.indexOf('|', 1)));

        assertThat(rows.flatMap(cell -> names("`(\\w+)`", cell)).collect(toSet()))
                .isEqualTo(carried);
    }

    private static Stream<String> names(String regex, String text) {
        return Pattern.compile(regex).matcher(text).results().map(found -> found.group(1));
    }

    private static List<String> testsOverANode() throws IOException {
        try (var files = Files.walk(Path.of("src", "test", "java"))) {
            return files.filter(file -> file.toString().endsWith("Test.java"))
                    .map(ErrorsPageTest::text)
                    .filter(text -> text.contains("TestNode" + ".start"))
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
