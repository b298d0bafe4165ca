package org.pganalytics.fleet;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Labels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what each collector is to run, and tells those that this server knows when that changes. The truth is the tables;
 * the assignments are read again after a notice, and besides when they are old. Thread-safe.
 */
public final class ConfigOffice implements ConfigDesk {
    /** Where the database tells of changes; the payload is a collector whose labels changed, or empty. */
    public static final String CHANNEL = "pganalytics_profile";

    private static final Logger LOG = LoggerFactory.getLogger(ConfigOffice.class);
    private static final long ASSIGNMENTS_KEPT_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int TOLD_A_SECOND = 200;
    private static final long WITHIN_MILLIS_MAX = 60_000;
    private static final String REPORT = """
            INSERT INTO collector_config AS c (collector_id, own_labels, running, refused, note, reported_at)
            VALUES ($1, $2, $3, $4, $5, now())
            ON CONFLICT (collector_id) DO UPDATE SET own_labels = excluded.own_labels, running = excluded.running,
                refused = excluded.refused, note = excluded.note, reported_at = now()
            WHERE (c.own_labels, c.running, c.refused, c.note)
                IS DISTINCT FROM (excluded.own_labels, excluded.running, excluded.refused, excluded.note)
            """;
    private static final String LABELS =
            "SELECT own_labels || labels AS labels FROM collector_config WHERE collector_id = $1";
    private static final String DOCUMENT = "SELECT handed_out FROM profile_version WHERE tag = $1";

    private final Pool pool;
    private final int collectorsMax;
    private final Map<UUID, Known> known = new ConcurrentHashMap<>();
    /** What those run that are known, or were told the same moment. */
    private final Map<UUID, String> running = new ConcurrentHashMap<>();

    private final Map<Pull, Counter> pulls = new EnumMap<>(Pull.class);
    private volatile boolean stopped;
    private volatile Snapshot snapshot = new Snapshot(List.of(), System.nanoTime() - 2 * ASSIGNMENTS_KEPT_NANOS);
    private volatile BiConsumer<UUID, Duration> listener = (collector, within) -> {};

    private record Snapshot(List<Assignment> assignments, long readNanos) {}

    /** What a collector was told last. */
    private record Known(Map<String, String> labels, String tag) {}

    /** What became of a request for the configuration. */
    private enum Pull {
        GIVEN,
        UNCHANGED,
        NONE,
        FAILED
    }

    public ConfigOffice(Pool pool, FleetConfig config, MeterRegistry meters) {
        this.pool = pool;
        this.collectorsMax = config.collectorsMax();
        for (var pull : Pull.values()) {
            pulls.put(
                    pull,
                    Counter.builder("pganalytics.fleet.config.pulls")
                            .description("requests of collectors for their configuration")
                            .tag("outcome", pull.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        Gauge.builder("pganalytics.fleet.collectors.behind", this, ConfigOffice::behind)
                .description("collectors that do not run the profile's version assigned to them")
                .register(meters);
    }

    /** Of those that asked this server and have not left; as far as they have reported. */
    private long behind() {
        var assignments = snapshot.assignments();
        return known.entrySet().stream()
                .filter(one -> {
                    var tag = tag(assignments, one.getKey(), one.getValue().labels());
                    return !tag.isEmpty() && !tag.equals(running.get(one.getKey()));
                })
                .count();
    }

    /** Called with each collector that is to ask again, and within which time; from any thread. */
    public void onChanged(BiConsumer<UUID, Duration> action) {
        listener = action;
    }

    @Override
    public Future<Void> report(UUID collector, ConfigReport report) {
        Map<String, String> labels;
        try {
            labels = Labels.parse(report.labels());
        } catch (IllegalArgumentException wrong) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(wrong.getMessage()));
        }
        var json = new JsonObject();
        labels.forEach(json::put);
        return pool.preparedQuery(REPORT)
                .execute(Tuple.of(collector, json, report.running(), report.refused(), report.note()))
                .<Void>mapEmpty()
                .onSuccess(kept -> runs(collector, report.running()))
                .recover(Collectors::refusal);
    }

    private void runs(UUID collector, String tag) {
        if (running.containsKey(collector) || running.size() < collectorsMax) {
            running.put(collector, tag);
        }
    }

    @Override
    public Future<Handout> handout(UUID collector, Set<String> has) {
        return Future.join(labels(collector), assignments())
                .compose(read -> handout(collector, read.resultAt(0), read.resultAt(1), has))
                .onComplete(done -> pulls.get(outcome(done)).increment())
                .recover(Collectors::refusal);
    }

    private static Pull outcome(AsyncResult<Handout> done) {
        if (done.failed()) {
            return Pull.FAILED;
        }
        if (done.result().tag().isEmpty()) {
            return Pull.NONE;
        }
        return done.result().document().isPresent() ? Pull.GIVEN : Pull.UNCHANGED;
    }

    private Future<Handout> handout(
            UUID collector, Map<String, String> labels, List<Assignment> assignments, Set<String> has) {
        var tag = tag(assignments, collector, labels);
        if (known.containsKey(collector) || known.size() < collectorsMax) {
            known.put(collector, new Known(labels, tag));
        }
        if (tag.isEmpty() || has.contains(tag)) {
            return Future.succeededFuture(new Handout(tag, Optional.empty()));
        }
        return pool.preparedQuery(DOCUMENT)
                .execute(Tuple.of(tag))
                .map(rows -> rows.size() == 0
                        ? Handout.NOTHING
                        : new Handout(tag, Optional.of(rows.iterator().next().getString("handed_out"))));
    }

    private static String tag(List<Assignment> assignments, UUID collector, Map<String, String> labels) {
        return Assignment.choose(assignments, collector, labels)
                .map(choice -> choice.version().tag())
                .orElse("");
    }

    private Future<Map<String, String>> labels(UUID collector) {
        return pool.preparedQuery(LABELS).execute(Tuple.of(collector)).map(rows -> {
            var labels = new TreeMap<String, String>();
            rows.forEach(row -> labels.putAll(labels(row)));
            return labels;
        });
    }

    static Map<String, String> labels(Row row) {
        var labels = new TreeMap<String, String>();
        row.getJsonObject("labels").forEach(label -> labels.put(label.getKey(), String.valueOf(label.getValue())));
        return labels;
    }

    private Future<List<Assignment>> assignments() {
        return System.nanoTime() - snapshot.readNanos() > ASSIGNMENTS_KEPT_NANOS
                ? read()
                : Future.succeededFuture(snapshot.assignments());
    }

    private Future<List<Assignment>> read() {
        return Assignments.list(pool).onSuccess(assignments -> snapshot = new Snapshot(assignments, System.nanoTime()));
    }

    /** What is asked for from now on may fail, and nobody need know. */
    public void stop() {
        stopped = true;
    }

    private void unread(Throwable failure) {
        if (!stopped) {
            LOG.warn("changed profiles cannot be read, collectors ask in their time: {}", failure.getMessage());
        }
    }

    /** A notice came, or some may have been missed. @param payload a collector's id, or empty */
    public void changed(String payload) {
        if (payload.isEmpty()) {
            read().onSuccess(this::tellThoseConcerned).onFailure(this::unread);
            return;
        }
        var collector = UUID.fromString(payload);
        if (known.containsKey(collector)) {
            listener.accept(collector, Duration.ZERO);
        }
    }

    /** The more there are, the longer the time in which they ask. */
    private void tellThoseConcerned(List<Assignment> assignments) {
        var concerned = known.entrySet().stream()
                .filter(one -> !tag(assignments, one.getKey(), one.getValue().labels())
                        .equals(one.getValue().tag()))
                .map(Map.Entry::getKey)
                .toList();
        var within = Duration.ofMillis(Math.min(WITHIN_MILLIS_MAX, concerned.size() * 1_000L / TOLD_A_SECOND));
        concerned.forEach(collector -> listener.accept(collector, within));
    }

    /** The collector's connection is gone: it will ask when it is back. */
    public void forget(UUID collector) {
        known.remove(collector);
        running.remove(collector);
    }
}
