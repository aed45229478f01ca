// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class JsonTest {

    @Test
    void writesOneLineInTheOrderOfTheFields() {
        var json =
                Json.object()
                        .put("z", true)
                        .put("a", 1.5)
                        .put("n", null)
                        .put("l", List.of(1, "x", Json.object()))
                        .put("big", Long.MAX_VALUE)
                        .put("none", Double.NaN)
                        .put("large", 123456789.0);

        assertThat(json)
                .hasToString(
                        "{\"z\":true,\"a\":1.5,\"n\":null,\"l\":[1,\"x\",{}],\"big\":9223372036854775807,"
                            + "\"none\":null,\"large\":123456789}");
    }

    @Test
    void escapesWhateverAStringHolds() {
        assertThat(Json.object().put("a\"", "\n\u0001\\"))
                .hasToString("{\"a\\\"\":\"\\n\\u0001\\\\\"}");
    }
}
