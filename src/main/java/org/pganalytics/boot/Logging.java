package org.pganalytics.boot;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.pganalytics.config.LogFormat;
import org.pganalytics.config.ServerConfig.LogLevel;
import org.slf4j.LoggerFactory;

/** Sets how much our own loggers say, and what the lines of all loggers look like. */
final class Logging {
    private static final String APPENDER = "STDERR";

    private Logging() {}

    static void level(LogLevel level) {
        ((Logger) LoggerFactory.getLogger("org.pganalytics")).setLevel(Level.valueOf(level.name()));
    }

    /** Text is what logback.xml says; from JSON there is no way back. Where logback.xml is another, its appender rules. */
    static void format(LogFormat format) {
        var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        if (format == LogFormat.JSON
                && root.getAppender(APPENDER) instanceof OutputStreamAppender<ILoggingEvent> appender
                && appender.getEncoder() instanceof PatternLayoutEncoder) {
            Encoder<ILoggingEvent> encoder = new JsonLines();
            encoder.setContext(root.getLoggerContext());
            encoder.start();
            appender.setEncoder(encoder);
        }
    }
}
