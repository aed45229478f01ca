// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonParser;

import dev.weir.broker.config.LogFormat;
import dev.weir.broker.config.LogLevel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.util.Map;

class LoggingTest {

    private static final String EVIL = "a\r\nERROR forged\u001b[31m\u0000\u202e\"\\";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void logAsBefore() {
        Logging.start(LogLevel.WARN);
    }

    @Test
    void anEventIsOneLineOfTextWhateverItsMessageHolds() {
        Logging.start(LogLevel.INFO, Map.of(), LogFormat.TEXT, out);

        LoggerFactory.getLogger("dev.weir.x")
                .atInfo()
                .addKeyValue("topic", EVIL)
                .log("took {}", EVIL);

        assertThat(text().lines()).hasSize(1);
        assertThat(text())
                .contains(" INFO  dev.weir.x - took a\\r\\nERROR forged\\u001b[31m\\u0000\\u202e")
                .contains("topic=a\\r\\nERROR")
                .doesNotContain("\u001b", "\r");
    }

    @Test
    void aStackTraceCannotForgeALineOfItsOwn() {
        Logging.start(LogLevel.INFO, Map.of(), LogFormat.TEXT, out);

        LoggerFactory.getLogger("dev.weir.x").warn("failed", new IllegalStateException(EVIL));

        assertThat(text().lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("\t"));
    }

    @Test
    void aLineOfJsonGivesBackWhatWasLogged() {
        Logging.start(LogLevel.INFO, Map.of(), LogFormat.JSON, out);

        LoggerFactory.getLogger("dev.weir.x")
                .atWarn()
                .addKeyValue("key\n", EVIL)
                .setCause(new IllegalStateException(EVIL))
                .log(EVIL);

        assertThat(text().lines()).hasSize(1);
        assertThat(text().strip().chars()).noneMatch(Character::isISOControl);
        var json = JsonParser.parseString(text()).getAsJsonObject();
        assertThat(json.get("message").getAsString()).isEqualTo(EVIL);
        assertThat(json.get("level").getAsString()).isEqualTo("WARN");
        assertThat(json.getAsJsonObject("fields").get("key\n").getAsString()).isEqualTo(EVIL);
        assertThat(json.getAsJsonArray("stack").get(0).getAsString()).endsWith(EVIL);
    }

    @Test
    void levelsAreThoseOfTheConfigurationAndLibrariesAreQuiet() {
        Logging.start(LogLevel.INFO, Map.of("dev.weir.loud", LogLevel.DEBUG), LogFormat.TEXT, out);

        LoggerFactory.getLogger("dev.weir.loud.X").debug("yes");
        LoggerFactory.getLogger("dev.weir.other").debug("no");
        LoggerFactory.getLogger("org.apache.ratis.server.X").info("no");
        LoggerFactory.getLogger("org.apache.ratis.grpc.server.GrpcLogAppender").warn("no");
        java.util.logging.Logger.getLogger("io.grpc.X").info("no");
        java.util.logging.Logger.getLogger("io.grpc.X").warning("yes");

        assertThat(text().lines()).hasSize(2).allMatch(line -> line.endsWith("- yes"));
    }

    private String text() {
        return out.toString(UTF_8);
    }
}
