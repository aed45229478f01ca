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
    void killsItsNodeAndStillGetsEveryLineOfTheFileBack(@TempDir Path directory)
            throws IOException {
        var file = directory.resolve("text");
        Files.write(file, SampleText.ofLines(12_345));

        var result = Cli.run("quickstart", file.toString()).assertSucceeded();

        assertThat(result.outText()).contains("produced", "consumed", "verified", "12345");
    }

    @Test
    void hasATextOfItsOwn() {
        Cli.run("quickstart").assertSucceeded();
    }
}
