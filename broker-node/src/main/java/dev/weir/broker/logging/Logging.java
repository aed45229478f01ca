// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;

import dev.weir.broker.config.BrokerConfig;
import dev.weir.broker.config.BrokerConfigKey;
import dev.weir.broker.config.LogFormat;
import dev.weir.broker.config.LogLevel;

import org.slf4j.LoggerFactory;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.logging.LogManager;

/// Sets up where log lines go, once, at the start of the process and before anything logs.
///
/// Lines go to standard error, one event a line (a stack trace follows on indented lines of its own
/// in the text form, and is a field in the JSON form).
public final class Logging {

    /// Libraries that say at INFO what only their authors want to know. A level in the
    /// configuration goes before these.
    private static final Map<String, Level> QUIET =
            Map.of(
                    "org.apache.ratis",
                    Level.WARN,
                    "org.apache.ratis.grpc.server.GrpcLogAppender",
                    Level.ERROR,
                    "io.netty",
                    Level.WARN,
                    "io.grpc",
                    Level.WARN,
                    "org.apache.ratis.thirdparty",
                    Level.ERROR);

    private Logging() {}

    /// Logs as a node's configuration says.
    public static void start(BrokerConfig config) {
        start(
                config.get(BrokerConfigKey.LOG_LEVEL),
                config.get(BrokerConfigKey.LOG_LEVELS),
                config.get(BrokerConfigKey.LOG_FORMAT),
                new FileOutputStream(FileDescriptor.err));
    }

    /// Logs to standard error as text, for looking into a command.
    public static void start(LogLevel level) {
        start(level, Map.of(), LogFormat.TEXT, new FileOutputStream(FileDescriptor.err));
    }

    /// Logs nothing: what a command has to say it prints itself. Logback is not even loaded.
    public static void silence() {
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        LogManager.getLogManager().reset();
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF);
    }

    static void start(
            LogLevel level, Map<String, LogLevel> levels, LogFormat format, OutputStream out) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var encoder = encoder(format);
        encoder.setContext(context);
        encoder.start();
        var appender = new OutputStreamAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(out);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(toLogback(level));
        if (level != LogLevel.OFF) {
            QUIET.forEach((name, quiet) -> context.getLogger(name).setLevel(quiet));
        }
        levels.forEach((name, own) -> context.getLogger(name).setLevel(toLogback(own)));
        JulToSlf4j.install();
    }

    private static EncoderBase<ILoggingEvent> encoder(LogFormat format) {
        return switch (format) {
            case TEXT -> new TextLineEncoder();
            case JSON -> new JsonLineEncoder();
        };
    }

    private static Level toLogback(LogLevel level) {
        return switch (level) {
            case OFF -> Level.OFF;
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }
}
