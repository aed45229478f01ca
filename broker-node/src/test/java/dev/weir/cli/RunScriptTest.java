// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class RunScriptTest {

    @Test
    void aNodeThatDevStartsHasTheJvmOptionsOfTheScript() throws IOException {
        var script = Files.readString(Path.of("src/main/sh/run.sh"));

        assertThat(script).contains(NodeProcess.JVM_OPTIONS);
    }
}
