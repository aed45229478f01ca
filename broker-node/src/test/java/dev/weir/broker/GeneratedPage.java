// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A page under `docs/` that is written from the code.
public final class GeneratedPage {

    private GeneratedPage() {}

    /// Compares; with `-Dweir.docs.write=true` writes instead.
    public static void check(String name, String text) throws IOException {
        var page = Path.of("..", "docs", name);
        if (Boolean.getBoolean("weir.docs.write")) {
            Files.writeString(page, text);
        }
        assertThat(Files.exists(page) ? Files.readString(page) : "")
                .as("docs/%s; write it with -Dweir.docs.write=true", name)
                .isEqualTo(text);
    }
}
