// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.logging;

import org.slf4j.LoggerFactory;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Sends what libraries log through `java.util.logging` (gRPC, and the copy of it inside Ratis) the
/// way of every other line.
final class JulToSlf4j extends Handler {

    /// JUL holds its loggers weakly: without this reference the level would be forgotten.
    private static final Logger ROOT = Logger.getLogger("");

    private final SimpleFormatter formatter = new SimpleFormatter();

    private JulToSlf4j() {}

    static void install() {
        LogManager.getLogManager().reset();
        ROOT.setLevel(Level.INFO);
        ROOT.addHandler(new JulToSlf4j());
    }

    @Override
    public void publish(LogRecord record) {
        var name = record.getLoggerName();
        var logger = LoggerFactory.getLogger(name == null ? "java.util.logging" : name);
        var message = formatter.formatMessage(record);
        var level = record.getLevel().intValue();
        if (level >= Level.SEVERE.intValue()) {
            logger.error(message, record.getThrown());
        } else if (level >= Level.WARNING.intValue()) {
            logger.warn(message, record.getThrown());
        } else if (level >= Level.INFO.intValue()) {
            logger.info(message, record.getThrown());
        } else {
            logger.debug(message, record.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
