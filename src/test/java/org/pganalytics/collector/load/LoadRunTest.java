package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.collector.load.JournalReader.Fate;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Whatever the server does, what the fleet calls acknowledged is stored, once, and the journal knew it before. */
@ExtendWith(VertxExtension.class)
class LoadRunTest {
    private static final int COLLECTORS = 6;

    @TempDir
    private Path dir;

    private FakeServer server;

    @AfterEach
    void stop() throws TimeoutException {
        await(server.stop());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsAcknowledgedIsStoredOnce(FakeServer.Accident accident, Vertx vertx) throws Exception {
        server = new FakeServer(vertx, accident, 5);
        await(server.start());

        var report = await(new LoadRun(vertx, config(1_500, 128), TestFamilies.ALL).run());

        assertEquals(List.of(), server.complaints);
        assertEquals(0, report.lost());
        assertTrue(report.batchesAcked() > COLLECTORS, report::toJson);
        assertEquals(stored(), journalled(Fate.ACKED));
        assertEquals(report.rowsAcked(), StoredContents.rows(journalled(Fate.ACKED)));
        assertEquals(report.rowsSent(), report.rowsAcked() + StoredContents.rows(journalled(Fate.REFUSED)));
        boolean cut = Set.of(
                        FakeServer.Accident.CUT_BEFORE_STORING,
                        FakeServer.Accident.CUT_BEFORE_ACK,
                        FakeServer.Accident.SENT_AWAY)
                .contains(accident);
        assertEquals(cut, report.reconnects() > 0, report::toJson);
        boolean silently = cut && accident != FakeServer.Accident.SENT_AWAY;
        assertEquals(silently, report.toJson().contains("\"cuts\":[{\"at_ms\":"), report::toJson);
        assertEquals(refusals(accident), report.nacked().keySet());
    }

    private static Set<Fault> refusals(FakeServer.Accident accident) {
        return switch (accident) {
            case REFUSED_FOR_NOW -> Set.of(Fault.OVERLOADED);
            case REFUSED_FOR_EVER -> Set.of(Fault.BAD_DATA);
            default -> Set.of();
        };
    }

    @Test
    void aServerThatIsAwaySlowsTheFleetAndLosesNothing(Vertx vertx) throws Exception {
        server = new FakeServer(vertx, FakeServer.Accident.NONE, 1);
        await(server.start());
        server.whenSettled(COLLECTORS, 2)
                .compose(there -> server.stop())
                .compose(away -> vertx.timer(1_500, TimeUnit.MILLISECONDS))
                .onSuccess(back -> server.start());

        var report = await(new LoadRun(vertx, config(4_000, 3), TestFamilies.ALL).run());

        assertEquals(0, report.lost());
        assertTrue(report.ticksSkipped() > 0, report::toJson);
        assertTrue(report.reconnects() >= COLLECTORS, report::toJson);
        assertEquals(report.rowsSent(), report.rowsAcked());
        assertEquals(stored(), journalled(Fate.ACKED));
    }

    @Test
    void aServerThatNeverComesBackIsALossThatIsCounted(Vertx vertx) throws Exception {
        server = new FakeServer(vertx, FakeServer.Accident.NONE, 1);
        await(server.start());
        server.whenSettled(COLLECTORS, 1).onSuccess(there -> server.stop());

        var report = await(new LoadRun(vertx, config(1_500, 3), TestFamilies.ALL).run());

        assertEquals(StoredContents.batches(dir, Fate.UNKNOWN), report.lost());
        assertTrue(report.lost() > 0);
        assertFalse(report.clean());
    }

    @Test
    void aWrongSecretEndsTheRunAtOnce(Vertx vertx) throws Exception {
        server = new FakeServer(vertx, FakeServer.Accident.NONE, 1);
        await(server.start());
        var wrong = LoadConfig.of("127.0.0.1", server.port(), LoadConfig.Mode.TCP, "not the secret", dir)
                .withFleet(COLLECTORS, 1, Duration.ofMillis(100), Duration.ofHours(1));

        var failure =
                assertThrows(FaultException.class, () -> await(new LoadRun(vertx, wrong, TestFamilies.ALL).run()));

        assertEquals(Fault.UNAUTHENTICATED, failure.fault());
        assertTrue(failure.getMessage().contains("--registration-secret"), failure::getMessage);
        assertFalse(failure.getMessage().contains("not the secret"), failure::getMessage);
    }

    @Test
    void aRestoredServerIsToldWhatIsNoLongerKept(Vertx vertx) throws Exception {
        server = new FakeServer(vertx, FakeServer.Accident.NONE, 1);
        await(server.start());
        server.whenSettled(COLLECTORS, 3).compose(there -> server.stop()).onSuccess(stopped -> {
            server.accounts.values().forEach(account -> account.restore(1));
            server.start();
        });

        var report = await(new LoadRun(vertx, config(2_000, 128), TestFamilies.ALL).run());

        assertEquals(0, report.lost(), report::toJson);
        assertEquals(
                Collections.nCopies(COLLECTORS, List.of(2L)),
                server.accounts.values().stream().map(account -> account.losses).toList());
    }

    @Test
    void theReportIsOneLineWithEveryKey(Vertx vertx) throws Exception {
        server = new FakeServer(vertx, FakeServer.Accident.NONE, 1);
        await(server.start());

        var json = await(new LoadRun(vertx, config(600, 128), TestFamilies.ALL).run())
                .toJson();

        assertFalse(json.contains("\n"));
        var report = new JsonObject(json);
        assertTrue(report.fieldNames()
                .containsAll(Set.of(
                        "rows_sent",
                        "rows_acked",
                        "batches_acked",
                        "rows_per_s",
                        "values_per_s",
                        "bytes_per_row",
                        "ack_ms",
                        "ack_gap_ms_max",
                        "ack_gaps",
                        "link_ends",
                        "nacked",
                        "lost",
                        "reconnects")));
        assertEquals(
                Set.of("p50", "p95", "p99", "max"),
                report.getJsonObject("ack_ms").fieldNames());
        assertTrue(report.getDouble("rows_per_s") > 0);
        assertTrue(report.getDouble("values_per_s") > report.getDouble("rows_per_s"));
    }

    private LoadConfig config(long durationMillis, int unsettledBatchesMax) {
        return new LoadConfig(
                "127.0.0.1",
                server.port(),
                LoadConfig.Mode.TCP,
                FakeServer.SECRET,
                COLLECTORS,
                2,
                Duration.ofMillis(200),
                Duration.ofMillis(durationMillis),
                Duration.ofSeconds(5),
                unsettledBatchesMax,
                1 << 26,
                Duration.ofMillis(1),
                99,
                dir,
                false,
                null);
    }

    private Map<List<Object>, ContentHash> stored() {
        return StoredContents.of(server.accounts);
    }

    private Map<List<Object>, ContentHash> journalled(Fate fate) throws Exception {
        return StoredContents.journalled(dir, fate);
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }
}
