// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class BrokerConfigTest {

    private static final String MINIMAL =
            """
            # one node
            cluster.id = 0a0b0c0d-1111-2222-3333-444444444444
            node.id=1
            data.dir=data
            quorum.voters=1@127.0.0.1:9401
            """;

    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("node.properties");
    }

    @Test
    void readsTheRequiredKeysAndFillsInDefaults() throws IOException {
        Files.writeString(file, MINIMAL);

        var config = BrokerConfig.load(file);

        assertThat(config.clusterId()).hasToString("0a0b0c0d-1111-2222-3333-444444444444");
        assertThat(config.nodeId()).isEqualTo(1);
        assertThat(config.dataDir()).isEqualTo(directory.resolve("data"));
        assertThat(config.metadataDir()).isEqualTo(directory.resolve("data/metadata"));
        assertThat(config.listenAddress()).isEqualTo(new HostPort("127.0.0.1", 9400));
        assertThat(config.advertisedAddress()).isEqualTo(config.listenAddress());
        assertThat(config.quorumVoters())
                .containsExactly(new Voter(1, new HostPort("127.0.0.1", 9401), null));
        assertThat(config.metricsAddress()).isNull();
        assertThat(config.get(BrokerConfigKey.LOG_LEVEL)).isEqualTo(LogLevel.INFO);
    }

    @Test
    void everyDefaultIsAValueOfItsOwnKey() {
        for (var key : BrokerConfigKey.all()) {
            var text = key.defaultText();
            if (text != null) {
                assertThat((Object) key.type().parser().apply(text)).as(key.name()).isNotNull();
            }
        }
    }

    @Test
    void refusesAnUnknownKeyWithItsLineAndTheNearestKey() {
        assertRefused(MINIMAL + "listen.adress=127.0.0.1:1\n")
                .isEqualTo(file + ":6: unknown key 'listen.adress': did you mean listen.address?");
    }

    @Test
    void refusesAMissingKeyAndShowsTheLineToAdd() {
        assertRefused(MINIMAL.replace("node.id=1", ""))
                .isEqualTo(file + ": node.id is missing: add a line 'node.id=...' (1..2147483647)");
    }

    @Test
    void refusesABadValueWithTheRange() {
        assertRefused(MINIMAL.replace("node.id=1", "node.id=0"))
                .isEqualTo(
                        file
                                + ":3: node.id='0': it is not in 1..2147483647; it takes"
                                + " 1..2147483647");
    }

    @Test
    void refusesAKeyThatIsSetTwice() {
        assertRefused(MINIMAL + "node.id=2\n")
                .contains(":6: 'node.id' is set twice, first in line 3");
    }

    @Test
    void refusesALineWithoutAnEqualsSign() {
        assertRefused(MINIMAL + "nonsense\n").contains(":6: not a line of the form key=value");
    }

    @Test
    void escapesControlCharactersOfTheFileInItsMessage() {
        assertRefused(MINIMAL + "evil\u001b[31m=1\n")
                .contains("evil\\u001b[31m")
                .doesNotContain("\u001b");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'a', '=', '1'});

        assertThatThrownBy(() -> BrokerConfig.load(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> BrokerConfig.load(file))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ": there is no such file: name another");
    }

    @Test
    void refusesAListenerOffLoopbackUntilItIsAllowed() throws IOException {
        var open = MINIMAL + "listen.address=0.0.0.0:9400\n";

        assertRefused(open).contains("listen.address=0.0.0.0:9400", "insecure.listeners=true");

        Files.writeString(file, open + "insecure.listeners=true\n");
        assertThat(BrokerConfig.load(file).insecureListeners())
                .containsExactly("listen.address=0.0.0.0:9400");
    }

    @Test
    void refusesAListenerForNodesOffLoopbackToo() throws IOException {
        var open = MINIMAL + "internal.listen.address=0.0.0.0:9402\n";

        assertRefused(open)
                .contains("internal.listen.address=0.0.0.0:9402", "insecure.listeners=true");

        Files.writeString(file, open + "insecure.listeners=true\n");
        assertThat(BrokerConfig.load(file).insecureListeners())
                .containsExactly("internal.listen.address=0.0.0.0:9402");
    }

    @Test
    void tellsOtherNodesTheAddressItListensOnUnlessThereIsAnother() throws IOException {
        Files.writeString(file, MINIMAL);
        assertThat(BrokerConfig.load(file).internalAdvertisedAddress())
                .isEqualTo(HostPort.parse("127.0.0.1:9402"));

        Files.writeString(file, MINIMAL + "internal.advertised.address=one.example:19402\n");
        assertThat(BrokerConfig.load(file).internalAdvertisedAddress())
                .isEqualTo(HostPort.parse("one.example:19402"));
    }

    @Test
    void refusesAVoterListWithoutThisNode() {
        assertRefused(MINIMAL.replace("1@127", "2@127")).contains("node.id=1", "2@127.0.0.1:9401");
    }

    @Test
    void readsVotersWithTheirDirectories() throws IOException {
        var first = "1@127.0.0.1:9401:6f1c8a52-0f4c-4bb5-9d51-0123456789ab";
        var second = "2@[::1]:9401:6f1c8a52-0f4c-4bb5-9d51-0123456789ac";
        Files.writeString(file, MINIMAL.replace("1@127.0.0.1:9401", first + ", " + second));

        assertThat(BrokerConfig.load(file).quorumVoters())
                .map(Voter::toString)
                .containsExactly(first, second);
    }

    @Test
    void refusesAVoterAmongSeveralWithoutItsDirectory() {
        assertRefused(MINIMAL.replace("1@127.0.0.1:9401", "1@127.0.0.1:9401,2@127.0.0.1:9402"))
                .contains("1@127.0.0.1:9401 has no directory id", "weir format");
    }

    @Test
    void refusesASessionTimeoutThatIsNotAboveTheHeartbeatInterval() {
        assertRefused(MINIMAL + "broker.session.timeout.ms=300\n")
                .contains("broker.session.timeout.ms=300 must be above");
    }

    @Test
    void refusesAnAddressThatNoSocketTakes() {
        for (var bad :
                new String[] {
                    "localhost", "localhost:0", "localhost:65536", "::1:9400", "a b:1", ":1"
                }) {
            assertRefused(MINIMAL + "listen.address=" + bad + "\n")
                    .contains("listen.address='" + bad + "'");
        }
    }

    @Test
    void readsAnIpv6AddressInBrackets() {
        var address = HostPort.parse("[::1]:9400");

        assertThat(address).isEqualTo(new HostPort("::1", 9400)).hasToString("[::1]:9400");
        assertThat(address.isLoopback()).isTrue();
        assertThat(HostPort.parse("127.example.org:1").isLoopback()).isFalse();
    }

    @Test
    void takesDefaultsForTopicsAndChecksThem() throws IOException {
        Files.writeString(file, MINIMAL + "segment.bytes=1048576\n");

        assertThat(BrokerConfig.load(file).dynamicDefaults())
                .isEqualTo(Map.of("segment.bytes", "1048576"));

        assertRefused(MINIMAL + "segment.bytes=lots\n").contains(":6: segment.bytes='lots': ");
        assertRefused(MINIMAL + "segmnt.bytes=1\n").contains("did you mean segment.bytes?");
    }

    @Test
    void readsLevelsOfSingleLoggers() {
        var config =
                BrokerConfig.of(
                        Map.of(
                                "cluster.id", "0a0b0c0d-1111-2222-3333-444444444444",
                                "node.id", "1",
                                "data.dir", "d",
                                "quorum.voters", "1@127.0.0.1:1",
                                "log.levels", "dev.weir=debug, org.apache.ratis=off"));

        assertThat(config.get(BrokerConfigKey.LOG_LEVELS))
                .isEqualTo(Map.of("dev.weir", LogLevel.DEBUG, "org.apache.ratis", LogLevel.OFF));
    }

    @Test
    void theDocumentationIsWhatTheCodeSays() throws IOException {
        var page = Path.of("..", "docs", "configuration.md");
        if (Boolean.getBoolean("weir.docs.write")) {
            Files.writeString(page, ConfigurationPage.text());
        }

        assertThat(Files.readString(page))
                .as("run the test with -Dweir.docs.write=true to write the page anew")
                .isEqualTo(ConfigurationPage.text());
    }

    private AbstractStringAssert<?> assertRefused(String content) {
        try {
            Files.writeString(file, content);
            BrokerConfig.load(file);
        } catch (ConfigException e) {
            return assertThat(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("accepted: " + content);
    }
}
