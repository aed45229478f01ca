// SPDX-License-Identifier: Apache-2.0
package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextRoundTripIT {

    private static final int LINES = 60_000;

    private DevNode node;

    @BeforeAll
    void startANode(@TempDir Path directory) {
        node = DevNode.start(directory);
    }

    @AfterAll
    void endIt() {
        node.close();
    }

    @Test
    void aTextComesBackByteForByte() {
        var text = SampleText.ofLines(LINES);
        node.run("topic", "create", "text", "--partitions", "1").assertSucceeded();

        var produced = node.runWithInput(text, "produce", "text").assertSucceeded();
        var consumed =
                node.run("consume", "text", "--from-beginning", "--until-end").assertSucceeded();

        assertThat(consumed.out()).isEqualTo(text);
        assertThat(produced.out()).isEmpty();
        assertThat(produced.err()).contains(String.valueOf(LINES));
    }

    @Test
    void aTextComesBackFromEveryCodec() {
        var text = SampleText.ofLines(6_000);
        for (var codec : new String[] {"gzip", "snappy", "lz4", "zstd"}) {
            node.run("topic", "create", codec, "--partitions", "1").assertSucceeded();

            node.runWithInput(text, "produce", codec, "--compression", codec).assertSucceeded();
            var consumed =
                    node.run("consume", codec, "--from-beginning", "--until-end").assertSucceeded();

            assertThat(consumed.out()).as(codec).isEqualTo(text);
        }
    }

    @Test
    void keysPartitionsAndOffsetsAreShownAsAsked() {
        node.run("topic", "create", "keyed", "--partitions", "3").assertSucceeded();

        var produced =
                node.runWithInput(
                                "a:1\nb:2\na:3\n".getBytes(),
                                "produce",
                                "keyed",
                                "--key-separator",
                                ":",
                                "--verbose")
                        .assertSucceeded();
        var consumed =
                node.run(
                                "consume",
                                "keyed",
                                "--from-beginning",
                                "--until-end",
                                "--format",
                                "%k=%v@%p\\n")
                        .assertSucceeded();

        assertThat(produced.outText().lines()).hasSize(3);
        var lines = consumed.outText().lines().toList();
        assertThat(lines).hasSize(3).anyMatch(line -> line.startsWith("b=2@"));
        var ofA = lines.stream().filter(line -> line.startsWith("a=")).toList();
        assertThat(ofA.get(0)).startsWith("a=1@");
        assertThat(ofA.get(1)).startsWith("a=3@").endsWith(ofA.get(0).substring(3));
    }

    @Test
    void aReadMayStartAtAnOffsetAndEndAfterACount() {
        node.run("topic", "create", "some", "--partitions", "1").assertSucceeded();
        node.runWithInput("0\n1\n2\n3\n4".getBytes(), "produce", "some").assertSucceeded();

        var consumed =
                node.run("consume", "some", "--partition", "0", "--offset", "1", "--max", "3")
                        .assertSucceeded();
        var last =
                node.run("consume", "some", "--partition", "0", "--offset", "4", "--until-end")
                        .assertSucceeded();

        assertThat(consumed.outText()).isEqualTo("1\n2\n3\n");
        assertThat(last.outText()).isEqualTo("4\n");
    }

    @Test
    void producingToATopicThatIsNotThereNamesTheCommandThatCreatesIt() {
        var line =
                node.runWithInput("x\n".getBytes(), "produce", "absent").assertFailedWithOneLine();

        assertThat(line).contains("absent", "weir topic create absent");
    }
}
