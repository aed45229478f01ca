// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

class WeirTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCommandExplainsItself() {
        for (var command : commands(new CommandLine(new Weir()), new ArrayList<>())) {
            var code = run(with(command, "--help"));

            assertThat(code).as(command.toString()).isZero();
            assertThat(out.toString()).as(command.toString()).startsWith("Usage: weir");
            out.getBuffer().setLength(0);
        }
    }

    @Test
    void everyCommandThatDoesSomethingShowsExamples() {
        for (var command : commands(new CommandLine(new Weir()), new ArrayList<>())) {
            var found = find(command);
            if (found.getSubcommands().isEmpty()) {
                assertThat(found.getUsageMessage()).as(command.toString()).contains("Examples:");
            }
        }
    }

    @Test
    void aWordThatIsNoCommandIsOneLineWithTheNearestOne() {
        assertThat(run("topics", "list")).isEqualTo(2);

        assertThat(err.toString().strip().lines()).hasSize(1);
        assertThat(err.toString()).startsWith("error: ").contains("did you mean topic?");
    }

    @Test
    void aNumberOfNodesThatNoClusterHasIsRefusedClearly() {
        assertThat(run("dev", "--nodes", "0")).isEqualTo(1);

        assertThat(err.toString()).isEqualToIgnoringNewLines("error: --nodes 0: use 1 to 99");
    }

    @Test
    void aBenchmarkThatKillsNodesTakesNoClusterOfOthers() {
        assertThat(run("bench", "failover", "--bootstrap", "127.0.0.1:9400")).isEqualTo(1);

        assertThat(err.toString()).contains("--bootstrap", "leave the option out");
    }

    @Test
    void aVictimThatIsNoneIsRefusedWithTheWordsThereAre() {
        assertThat(run("bench", "failover", "--victim", "everybody")).isEqualTo(2);

        assertThat(err.toString()).contains("leader, leader+controller, follower, stop, planned");
    }

    @Test
    void aMissingConfigurationFileIsOneLine() {
        assertThat(run("server", "--config", "/does/not\u001b/exist")).isEqualTo(1);

        assertThat(err.toString().strip())
                .isEqualTo("error: /does/not\\u001b/exist: there is no such file: name another");
    }

    @Test
    void theVersionIsPrinted() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("weir ");
    }

    private int run(String... arguments) {
        return run(List.of(arguments));
    }

    private int run(List<String> arguments) {
        return Weir.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                arguments.toArray(String[]::new));
    }

    private static List<String> with(List<String> command, String argument) {
        var all = new ArrayList<>(command);
        all.add(argument);
        return all;
    }

    private static CommandLine find(List<String> command) {
        var current = new CommandLine(new Weir());
        for (var word : command) {
            current = current.getSubcommands().get(word);
        }
        return current;
    }

    private static List<List<String>> commands(CommandLine parent, List<String> path) {
        var found = new ArrayList<List<String>>();
        parent.getSubcommands()
                .forEach(
                        (name, command) -> {
                            var own = with(path, name);
                            found.add(own);
                            found.addAll(commands(command, own));
                        });
        return found;
    }
}
