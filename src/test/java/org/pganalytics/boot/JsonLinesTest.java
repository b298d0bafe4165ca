package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class JsonLinesTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("some.logger");

    @Test
    void anEventIsAnObjectOfItsFields() {
        var line = written(event("{} of {}", null, 1, "two"));

        assertEquals(Set.of("time", "level", "logger", "thread", "message"), line.fieldNames());
        assertEquals("WARN", line.getString("level"));
        assertEquals("some.logger", line.getString("logger"));
        assertEquals(Thread.currentThread().getName(), line.getString("thread"));
        assertEquals("1 of two", line.getString("message"));
        assertEquals(Instant.parse("2026-11-21T09:30:00.123Z"), Instant.parse(line.getString("time")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines\r\n", "\"}\n{\"level\":\"ERROR\"}", "\u0000\u001b[2J\u2028ß\uD83D\uDE00"})
    void whateverAMessageHoldsItIsOneLineAndComesBackAsItWas(String message) {
        assertEquals(message, written(event("{}", null, message)).getString("message"));
    }

    @Test
    void aHugeMessageIsStillOneLine() {
        assertEquals(
                "x\n".repeat(1_000_000),
                written(event("{}", null, "x\n".repeat(1_000_000))).getString("message"));
    }

    @Test
    void anExceptionIsToldWithItsTraceAndItsCause() {
        var failure = new IllegalStateException("first\nline", new IllegalArgumentException("the cause"));

        var exception = written(event("failed", failure)).getString("exception");

        assertTrue(exception.startsWith("java.lang.IllegalStateException: first\nline"), exception);
        assertTrue(exception.contains("anExceptionIsToldWithItsTraceAndItsCause"), exception);
        assertTrue(exception.contains("Caused by: java.lang.IllegalArgumentException: the cause"), exception);
    }

    private LoggingEvent event(String message, Throwable failure, Object... arguments) {
        var event = new LoggingEvent("", logger, Level.WARN, message, failure, arguments);
        event.setInstant(Instant.parse("2026-11-21T09:30:00.123Z"));
        return event;
    }

    private static JsonObject written(LoggingEvent event) {
        var text = new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
        assertEquals(text.length() - 1, text.indexOf('\n'));
        assertFalse(text.contains("\r"));
        return new JsonObject(text);
    }
}
