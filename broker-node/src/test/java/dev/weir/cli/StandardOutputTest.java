// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;

class StandardOutputTest {

    private final StringWriter err = new StringWriter();

    private int codeAfter(String failure) {
        var output =
                new StandardOutput(
                        new OutputStream() {
                            @Override
                            public void write(int one) throws IOException {
                                throw new IOException(failure);
                            }
                        });
        new PrintWriter(output, true, UTF_8).println("answer");
        return Failures.onLostOutput(
                Objects.requireNonNull(output.failure()), new PrintWriter(err, true));
    }

    @Test
    void anAnswerThatNobodyGotIsAFailure() {
        assertThat(codeAfter("No space left on device")).isEqualTo(1);

        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("No space left on device", "is done");
    }

    @Test
    void aReaderThatWentAwayIsToldLikeAShellDoes() {
        assertThat(codeAfter("Broken pipe")).isEqualTo(141);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whatCouldBeWrittenIsNoFailure() {
        var bytes = new ByteArrayOutputStream();
        var output = new StandardOutput(bytes);

        new PrintWriter(output, true, UTF_8).print("answer\n");
        new PrintWriter(output, true, UTF_8).println("x");

        assertThat(output.failure()).isNull();
        assertThat(bytes.toString(UTF_8)).contains("x");
    }
}
