package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.collector.PullConfig.Allowed;

/** A server's configuration is taken whole or not at all, and kept. */
class ServedConfigTest {
    @TempDir
    Path state;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> taken = new ArrayList<>();

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
    }

    private CollectorConfig own(Allowed allowed) {
        return new CollectorConfig(
                "test",
                state,
                "",
                List.of(new ServerConfig("127.0.0.1", 1, 0, false, "", true)),
                Duration.ofMinutes(5),
                0,
                List.of(),
                BatchConfig.defaults(),
                SpoolConfig.defaults(),
                LinkConfig.defaults(),
                new PullConfig(List.of("env=prod"), allowed, false, Duration.ofMinutes(1)),
                CertificateConfig.ofServer());
    }

    private EffectiveConfig read(String document) {
        if (document.contains("bad")) {
            throw new IllegalArgumentException("line 1\nis bad" + "!".repeat(10_000));
        }
        return new EffectiveConfig(own(Allowed.ALL), List.of(), document);
    }

    private ServedConfig open(Allowed allowed) {
        var own = own(allowed);
        var served = Waiting.on(ServedConfig.open(vertx, own, new EffectiveConfig(own, List.of(), ""), this::read));
        served.onTaken(effective -> {
            taken.add(effective.note());
            return Future.succeededFuture();
        });
        return served;
    }

    private static boolean offer(ServedConfig served, String tag, String document) {
        return Waiting.on(served.offered(tag, Optional.ofNullable(document)));
    }

    @Test
    void whatIsTakenIsReportedAndFoundAgainByTheNextStart() {
        var served = open(Allowed.ALL);
        assertEquals(new ServedConfig.Report("", "", "", Set.of("env=prod")), served.report());
        assertTrue(offer(served, "base@1", "one"));
        assertFalse(offer(served, "base@1", null));
        assertEquals(new ServedConfig.Report("base@1", "", "one", Set.of("env=prod")), served.report());

        var again = open(Allowed.ALL);
        assertEquals("one", again.inForce().note());
        assertEquals("base@1", again.report().running());
        assertEquals("", open(Allowed.NONE).report().running(), "no longer allowed");
        assertTrue(offer(again, "", null));
        assertEquals("", open(Allowed.ALL).report().running());
        assertEquals(List.of("one", ""), taken);
    }

    @Test
    void whatIsRefusedChangesNothingUntilTheServerNamesAnother() {
        var served = open(Allowed.ALL);
        offer(served, "base@1", "one");
        assertTrue(offer(served, "base@2", "bad"));
        assertFalse(offer(served, "base@2", "bad"), "it was told");
        var report = served.report();
        assertEquals("base@1", report.running());
        assertEquals("base@2", report.refused());
        assertTrue(report.note().startsWith("line 1 is bad!"), report.note());
        assertTrue(report.note().length() <= 500);
        assertEquals("one", open(Allowed.ALL).inForce().note());

        assertTrue(offer(served, "base@1", "one"), "rolled back");
        assertEquals(new ServedConfig.Report("base@1", "", "one", Set.of("env=prod")), served.report());
        assertEquals(List.of("one"), taken);
    }

    @Test
    void anUnknownTagWithoutADocumentIsNothing() {
        var served = open(Allowed.ALL);
        assertFalse(offer(served, "base@1", null));
        assertEquals("", served.report().running());
        assertEquals("", served.report().refused());
    }

    @Test
    void aHostThatAllowsNothingSaysSo() {
        var served = open(Allowed.NONE);
        assertTrue(offer(served, "base@1", "one"));
        assertEquals("base@1", served.report().refused());
        assertTrue(served.report().note().contains("server-config is none"));
        assertEquals(List.of(), taken);
    }

    @Test
    void aBrokenFileIsNotTakenAndReplacedByTheNextOne() throws Exception {
        for (var text : List.of("", "{", "[]", "{}", "{\"tag\":5}", "{\"tag\":\"t\",\"document\":\"bad\"}", "\0\1\2")) {
            Files.writeString(state.resolve("server-config.json"), text);
            assertEquals("", open(Allowed.ALL).report().running(), text);
        }
        offer(open(Allowed.ALL), "base@1", "one");
        assertEquals("base@1", open(Allowed.ALL).report().running());
    }

    @Test
    void oneIsTakenAtATime() {
        var served = open(Allowed.ALL);
        var gate = Promise.<Void>promise();
        served.onTaken(effective -> gate.future());
        var first = served.offered("base@1", Optional.of("one"));
        assertFalse(offer(served, "base@2", "two"));
        gate.complete();
        assertTrue(Waiting.on(first));
        assertEquals("base@1", served.report().running());
    }

    @Test
    void whereNothingCanBeKeptItIsTakenAllTheSame() throws Exception {
        Files.createDirectories(state.resolve("server-config.json").resolve("in-the-way"));
        var served = open(Allowed.ALL);
        assertTrue(offer(served, "base@1", "one"));
        assertEquals("base@1", served.report().running());
    }
}
