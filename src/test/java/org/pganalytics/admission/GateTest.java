package org.pganalytics.admission;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgBuilder;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Receipt;

/** What may pass to the store, and what it costs. The revocations stay empty here: no database is asked. */
class GateTest {
    private static final FamilySchema SCHEMA =
            FamilySchema.of("thing", List.of(new Column("n", ColumnType.INT8, ColumnRole.GAUGE)));

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private final AtomicLong nanos = new AtomicLong();
    private final List<Batch> passed = new CopyOnWriteArrayList<>();
    private final List<Event.BatchRefused> told = new CopyOnWriteArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Fault fails;

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static AdmissionConfig config(RateLimits collector, RateLimits server, int collectorsMax) {
        var shipped = AdmissionConfig.defaults();
        return new AdmissionConfig(
                collector,
                server,
                shipped.strangers(),
                shipped.tokens(),
                collectorsMax,
                shipped.pollInterval(),
                Duration.ofSeconds(60));
    }

    private static RateLimits rows(double perSecond, long burst) {
        return new RateLimits(perSecond, burst, 1e12, 1L << 40);
    }

    private Gate gate(AdmissionConfig config) {
        bus.on(Event.BatchRefused.class, told::add);
        var nobody = PgBuilder.pool().using(vertx).build();
        var revocations = new Revocations(vertx, nobody, bus, config, registry);
        var budgets = new CollectorBudgets(
                config.collectorsMax(), (id, limits) -> new OwnBudget(limits, nanos::get), nanos::get, registry);
        return new Gate(store, revocations, bus, config, new Gate.Chance(nanos::get, () -> 0.5), budgets);
    }

    private final Intake store = new Intake() {
        @Override
        public Future<Receipt> accept(Batch batch) {
            return stored(batch);
        }

        @Override
        public Optional<FaultException> refusalNow(UUID collector, long bytes) {
            return bytes > 1_000 ? Optional.of(Fault.OVERLOADED.because("no room")) : Optional.empty();
        }
    };

    private Future<Receipt> stored(Batch batch) {
        passed.add(batch);
        if (fails != null) {
            return Future.failedFuture(fails.because("as told"));
        }
        return Future.succeededFuture(
                new Receipt(batch.position(), Receipt.Outcome.STORED, 1, batch.rows(), Optional.empty()));
    }

    private static Batch batch(UUID collector, int rows, int bytes) {
        var block = new ColumnBlock(
                SCHEMA,
                "t",
                0,
                Math.max(1, rows),
                List.of(new ColumnVector.Longs(new long[Math.max(1, rows)], new BitSet())));
        return new Batch(
                collector,
                new BatchPosition(1, 1, 1),
                Digest.of(new byte[0]),
                List.of(),
                new BatchContent.Decoded(rows == 0 ? List.of() : List.of(block)),
                new Batch.Raw("application/vnd.pganalytics.batch", Buffer.buffer(new byte[bytes])));
    }

    private static Duration waitOf(Future<Receipt> refused) {
        var fault = (FaultException) refused.cause();
        assertEquals(Fault.RATE_LIMITED, fault.fault());
        return fault.retryAfter().orElseThrow();
    }

    @Test
    void aCollectorPassesItsBurstThenItsRateAndItsNeighbourIsNotTouched() {
        var gate = gate(config(rows(100, 1_000), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        assertTrue(gate.accept(batch(one, 1_000, 1)).succeeded());
        var wait = waitOf(gate.accept(batch(one, 1, 1)));
        assertTrue(gate.accept(batch(UUID.randomUUID(), 1_000, 1)).succeeded());
        nanos.addAndGet(wait.toNanos());
        assertTrue(gate.accept(batch(one, 5_000, 1)).succeeded(), "no size waits for ever");
        assertEquals(50, Math.round(waitOf(gate.accept(batch(one, 1, 1))).toMillis() / 1e3));
        assertEquals(3, passed.size(), "what is refused does not reach the store");
    }

    @Test
    void bytesAreLimitedLikeRows() {
        var gate = gate(config(new RateLimits(1e9, 1L << 40, 1_000, 10_000), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        assertTrue(gate.accept(batch(one, 1, 12_000)).succeeded());
        assertEquals(2, waitOf(gate.accept(batch(one, 1, 1))).toSeconds());
    }

    @Test
    void aBatchWithoutRowsCostsOne() {
        var gate = gate(config(rows(1, 3), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        for (int i = 0; i < 3; i++) {
            assertTrue(gate.accept(batch(one, 0, 1)).succeeded());
        }
        waitOf(gate.accept(batch(one, 0, 1)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"OVERLOADED", "STORE_DOWN", "INTERNAL", "DRAINING"})
    void whatTheServerCannotTakeCostsNothing(Fault fault) {
        var gate = gate(config(rows(10, 100), rows(10, 100), 10));
        var one = UUID.randomUUID();
        fails = fault;
        for (int i = 0; i < 20; i++) {
            assertSame(fault, Fault.of(gate.accept(batch(one, 1_000, 1)).cause()));
        }
        fails = null;
        assertTrue(gate.accept(batch(one, 110, 1)).succeeded(), "the burst is whole");
        assertEquals(1, waitOf(gate.accept(batch(one, 1, 1))).toSeconds(), "and given back but once");
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"POSITION_GAP", "POSITION_CONFLICT", "BAD_DATA"})
    void whatIsTheSendersDoingKeepsItsPrice(Fault fault) {
        var gate = gate(config(rows(10, 100), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        fails = fault;
        gate.accept(batch(one, 110, 1));
        assertEquals(1, waitOf(gate.accept(batch(one, 1, 1))).toSeconds());
    }

    @Test
    void theServerAsAWholeHasALimitAndSpreadsThoseItTurnsAway() {
        var gate = gate(config(rows(1e9, 1L << 40), rows(1_000, 1_000), 1_000));
        assertTrue(gate.accept(batch(UUID.randomUUID(), 2_000, 1)).succeeded());
        var waits = IntStream.range(0, 50)
                .mapToObj(i -> waitOf(gate.accept(batch(UUID.randomUUID(), 500, 1))))
                .collect(Collectors.toSet());
        assertEquals(50, waits.size(), "each is told another time");
        assertTrue(waits.stream().allMatch(wait -> wait.compareTo(Duration.ofSeconds(60)) <= 0), waits.toString());
    }

    @Test
    void noWaitIsLongerThanTheLongest() {
        var gate = gate(config(rows(1, 1), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        assertTrue(gate.accept(batch(one, 10_000, 1)).succeeded());
        assertEquals(Duration.ofSeconds(60), waitOf(gate.accept(batch(one, 1, 1))));
    }

    @Test
    void aRefusalIsToldToTheBus() {
        var gate = gate(config(rows(1, 1), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        gate.accept(batch(one, 7, 1));
        gate.accept(batch(one, 8, 1));
        await().until(() -> told.size() == 1);
        assertEquals(one, told.get(0).collector());
        assertEquals(8, told.get(0).rows());
        assertSame(Fault.RATE_LIMITED, told.get(0).fault());
    }

    @Test
    void whatHasNoChanceIsToldBeforeItIsReadAndChargesNothing() {
        var gate = gate(config(rows(1, 1), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        assertEquals(Optional.empty(), gate.refusalNow(one, 10));
        assertEquals(Fault.OVERLOADED, gate.refusalNow(one, 1_001).orElseThrow().fault(), "the store's word");
        assertTrue(gate.accept(batch(one, 2, 1)).succeeded(), "asking has cost nothing");
        assertEquals(Fault.RATE_LIMITED, gate.refusalNow(one, 10).orElseThrow().fault());
        await().until(() -> told.size() == 1);
        assertEquals(0, told.get(0).rows());
    }

    @Test
    void whatIsRefusedUnreadIsSpreadByTheRowsThatBatchesUsuallyHave() {
        var gate = gate(config(rows(1e9, 1L << 40), rows(1_000, 500_000), 1_000));
        for (int n = 0; n < 1_001; n++) {
            gate.accept(batch(UUID.randomUUID(), 500, 1));
        }
        var first =
                gate.refusalNow(UUID.randomUUID(), 1).orElseThrow().retryAfter().orElseThrow();
        var second =
                gate.refusalNow(UUID.randomUUID(), 1).orElseThrow().retryAfter().orElseThrow();
        assertEquals(500, second.minus(first).toMillis(), 5, "500 rows at 1,000 rows a second");
    }

    @Test
    void reloadedLimitsHoldAtOnceForEverybody() {
        var gate = gate(config(rows(1, 1), rows(1e9, 1L << 40), 10));
        var one = UUID.randomUUID();
        gate.accept(batch(one, 101, 1));
        assertEquals(60, waitOf(gate.accept(batch(one, 1, 1))).toSeconds());
        gate.reload(config(rows(100, 100), rows(50, 1), 10));
        assertEquals(1, waitOf(gate.accept(batch(one, 1, 1))).toSeconds());
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertTrue(gate.accept(batch(one, 100, 1)).succeeded());
        waitOf(gate.accept(batch(UUID.randomUUID(), 1, 1)));
    }

    @Test
    void moreCollectorsThanAreKeptShareABudgetInsteadOfHavingNone() {
        var gate = gate(config(rows(1, 10), rows(1e9, 1L << 40), 3));
        for (int i = 0; i < 100; i++) {
            gate.accept(batch(UUID.randomUUID(), 10, 1));
        }
        assertEquals(4, passed.size());
        assertEquals(4, registry.get("pganalytics.admission.budgets").gauge().value());
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertTrue(gate.accept(batch(UUID.randomUUID(), 10, 1)).succeeded());
        assertTrue(registry.get("pganalytics.admission.budgets").gauge().value() <= 2, "those at rest are dropped");
    }
}
