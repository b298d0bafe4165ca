package org.pganalytics.boot;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.pganalytics.config.ServerConfig.LogLevel;
import org.slf4j.LoggerFactory;

/** Sets how much our own loggers say. */
final class Logging {
    private Logging() {}

    static void level(LogLevel level) {
        ((Logger) LoggerFactory.getLogger("org.pganalytics")).setLevel(Level.valueOf(level.name()));
    }
}
