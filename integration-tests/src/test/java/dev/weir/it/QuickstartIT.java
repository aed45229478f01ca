// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class QuickstartIT {

    @Test
    void killsALeaderAndStillGetsEveryLineOfTheFileBack(@TempDir Path directory)
            throws IOException {
        var file = directory.resolve("text");
        Files.write(file, SampleText.ofLines(12_345));

        var result = Cli.run("quickstart", file.toString()).assertSucceeded();

        assertThat(result.outText().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("produced 12345"),
                        line -> assertThat(line).isEqualTo("consumed 12345"),
                        line -> assertThat(line).startsWith("verified 12345"),
                        line -> assertThat(line).matches("killed node [123], the leader .*"),
                        line -> assertThat(line).matches("blind for [1-9]\\d* ms"));
    }

    @Test
    void hasATextOfItsOwn() {
        Cli.run("quickstart").assertSucceeded();
    }
}
