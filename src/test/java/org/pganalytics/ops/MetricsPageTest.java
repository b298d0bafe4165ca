package org.pganalytics.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;

/** The page says what is counted: no less than the code registers, and no more. */
class MetricsPageTest {
    private static final Pattern ON_THE_PAGE = Pattern.compile("^\\| `(pganalytics_[a-z_]+)`", Pattern.MULTILINE);
    private static final Pattern IN_THE_CODE =
            Pattern.compile("(?:gauge|counter|timer|builder)\\(\\s*\"(pganalytics\\.[a-z.]+)\"");
    private static final Pattern SCRAPED = Pattern.compile("^# TYPE (pganalytics_[a-z_]+) ", Pattern.MULTILINE);

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> page() throws IOException {
        return found(ON_THE_PAGE, Files.readString(Path.of("docs/metrics.md")));
    }

    @Test
    void everyMeterInTheCodeIsOnThePageAndNoOther() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            var inTheCode = new TreeSet<String>();
            for (var file :
                    files.filter(name -> name.toString().endsWith(".java")).toList()) {
                found(IN_THE_CODE, Files.readString(file)).forEach(name -> inTheCode.add(bare(name)));
            }
            var onThePage = page().stream().map(MetricsPageTest::bare).collect(Collectors.toCollection(TreeSet::new));
            assertEquals(inTheCode, onThePage);
        }
    }

    /** A meter's name without what Prometheus adds to it. */
    private static String bare(String name) {
        return name.replace('.', '_').replaceAll("_(total|seconds)$", "");
    }

    @Test
    void whatIsScrapedAfterTrafficIsOnThePage() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            var bus = new Bus(vertx);
            new IngestMetrics(bus, registry);
            await(vertx.deployVerticle(new EventLoopLag(registry, System::nanoTime)));
            publishOneOfEach(bus);
            eventually("all are counted", () -> registry.scrape().contains("sessions_opened_total{"));
            var scraped = registry.scrape();

            assertEquals(
                    Set.of(),
                    found(SCRAPED, scraped).stream()
                            .filter(name -> !named(name.replaceAll("_max$", "")))
                            .collect(Collectors.toSet()));
            assertTrue(scraped.contains("pganalytics_ingest_rows_total{family=\"pg_locks\"} 7.0"), scraped);
            assertTrue(scraped.contains("pganalytics_ingest_batches_total 1.0"));
            assertTrue(scraped.contains("pganalytics_ingest_bytes_total 900.0"));
            assertTrue(scraped.contains("pganalytics_ingest_ack_seconds_bucket{le=\"0.005\"} 1"), scraped);
            assertTrue(scraped.contains("pganalytics_ingest_refused_total{fault=\"BAD_DATA\"} 1.0"));
            assertTrue(scraped.contains("pganalytics_ingest_refused_total{fault=\"RATE_LIMITED\"} 0.0"));
            assertTrue(scraped.contains("pganalytics_ingest_duplicates_total{verified=\"true\"} 1.0"));
            assertTrue(scraped.contains("pganalytics_ingest_lost_rows_total{reason=\"SPOOL_FULL\"} 40.0"));
            assertTrue(scraped.contains("pganalytics_ingest_lost_batches_total{reason=\"SPOOL_FULL\"} 3.0"));
        } finally {
            await(vertx.close());
        }
    }

    private static boolean named(String name) {
        try {
            return page().contains(name);
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static void publishOneOfEach(Bus bus) {
        var collector = UUID.randomUUID();
        bus.publish(new Event.BatchStored(collector, 7, 900, Map.of("pg_locks", 7), 4_000));
        bus.publish(new Event.BatchDuplicated(collector, true));
        bus.publish(new Event.BatchRefused(collector, Fault.BAD_DATA, "x", 5));
        bus.publish(new Event.StrangerRefused("127.0.0.1", Fault.BAD_FRAME));
        bus.publish(new Event.LossDeclared(collector, "pg_locks", "SPOOL_FULL", 3, 40));
        bus.publish(new Event.CollectorRegistered(collector, "c", "127.0.0.1"));
        bus.publish(new Event.SessionOpened(collector, UUID.randomUUID(), "127.0.0.1", "tcp"));
    }

    @Test
    void inventedFamiliesDoNotGrowTheLabel() throws Exception {
        var vertx = Vertx.vertx();
        try {
            var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            var bus = new Bus(vertx);
            new IngestMetrics(bus, registry);
            for (int family = 0; family < 1_000; family++) {
                bus.publish(new Event.BatchStored(UUID.randomUUID(), 1, 1, Map.of("f" + family, 1), 1));
            }
            eventually("all are counted", () -> registry.scrape().contains("pganalytics_ingest_batches_total 1000.0"));
            assertTrue(registry.scrape().contains("pganalytics_ingest_rows_total{family=\"other\"} 800.0"));
        } finally {
            await(vertx.close());
        }
    }
}
