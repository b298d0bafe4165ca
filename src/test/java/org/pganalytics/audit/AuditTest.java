package org.pganalytics.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strangers say is made safe before it is kept, and a storm of it stays small. */
class AuditTest {
    private static AuditRecord record(String target) {
        return new AuditRecord("stranger", "stranger.refuse", target, "RATE_LIMITED", "", new JsonObject());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain|plain",
                "a\\nb|a\uFFFDb",
                "a\\0b|a\uFFFDb",
                "a\\u001b[31mb|a\uFFFD[31mb",
                "a\\u202eb|a\uFFFDb",
                "a\\ud800b|a\uFFFDb",
                "\\ud83d\\ude42|\uD83D\uDE42"
            })
    void textIsMadeSafe(String hostile, String safe) {
        assertEquals(safe, SafeText.of(unescaped(hostile), 100));
    }

    private static String unescaped(String text) {
        return new JsonObject("{\"t\":\"%s\"}".formatted(text.replace("\\0", "\\u0000"))).getString("t");
    }

    @Test
    void textIsBoundedWithoutBreakingACharacter() {
        assertEquals("", SafeText.of(null, 10));
        assertEquals("0123456789", SafeText.of("0123456789", 10));
        assertEquals("012345678…", SafeText.of("0123456789a", 10));
        var smileys = SafeText.of("🙂".repeat(1_000), 10);
        assertEquals("🙂🙂🙂🙂…", smileys);
        assertTrue(SafeText.of("x".repeat(10_000_000), 500).length() <= 500);
    }

    @Test
    void aRecordIsSafeInAllItsParts() {
        var hostile = "\0\n" + "x".repeat(10_000);
        var record = new AuditRecord(
                hostile,
                hostile,
                hostile,
                hostile,
                hostile,
                new JsonObject().put("a", hostile).put("n", 7).putNull("z"));
        assertEquals(255, record.actor().length());
        assertEquals(64, record.action().length());
        assertEquals(500, record.details().getString("a").length());
        assertEquals(7, record.details().getInteger("n"));
        assertTrue(record.details().encode().chars().noneMatch(c -> c < 32));
    }

    @Test
    void likeEventsBecomeOneRowWithACount() {
        var waiting = new WaitingEvents(10);
        for (int i = 0; i < 1_000; i++) {
            waiting.add(Instant.EPOCH.plusSeconds(i), record("same"));
        }
        waiting.add(Instant.EPOCH, record("other"));
        var rows = waiting.takeAll(Instant.now());
        assertEquals(2, rows.size());
        assertEquals(1_000, rows.get(0).details().getLong("count"));
        assertEquals(Instant.EPOCH, rows.get(0).first());
        assertEquals(null, rows.get(1).details().getLong("count"));
        assertEquals(0, waiting.size());
    }

    @Test
    void whatDoesNotFitIsCountedAlsoWhenItCannotBeWrittenForLong() {
        var waiting = new WaitingEvents(10);
        for (int i = 0; i < 30; i++) {
            waiting.add(Instant.EPOCH, record("target " + i));
        }
        for (int i = 0; i < 5; i++) {
            waiting.putBack(waiting.takeAll(Instant.EPOCH));
            assertEquals(10, waiting.size());
        }
        waiting.add(Instant.EPOCH, record("one more"));
        var rows = waiting.takeAll(Instant.EPOCH);
        assertEquals(11, rows.size());
        assertEquals(21, rows.get(10).details().getLong("lost"));
    }
}
