package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Labels;

/** What each collector is to run, what it runs, and the labels by which that is decided. Failures are faults. */
public final class RollOutStates {
    public static final int PAGE_MAX = 1_000;

    private static final String COLUMNS = """
            c.collector_id, c.name, coalesce(own_labels || labels, '{}') AS labels, running, refused, note, reported_at
            """;
    private static final String PAGE = """
            SELECT %s FROM collector c LEFT JOIN collector_config USING (collector_id)
            WHERE c.revoked_at IS NULL AND (c.name, c.collector_id) > ($1, $2) ORDER BY c.name, c.collector_id LIMIT $3
            """.formatted(COLUMNS);
    private static final String ONE = """
            SELECT %s FROM collector c LEFT JOIN collector_config USING (collector_id) WHERE c.collector_id = $1
            """.formatted(COLUMNS);
    private static final String SET = """
            INSERT INTO collector_config (collector_id, labels)
            SELECT collector_id, $2 FROM collector WHERE collector_id = $1
            ON CONFLICT (collector_id) DO UPDATE SET labels = excluded.labels
            """;

    private final Pool pool;
    private final AuditTrail audit;

    public RollOutStates(Pool pool, AuditTrail audit) {
        this.pool = pool;
        this.audit = audit;
    }

    /** How far a collector is with what it is to run. */
    public enum Progress {
        /** It is to run nothing of ours, and does not. */
        NONE,
        /** It runs what it is to run. */
        RUNNING,
        /** It has not said yet that it does. */
        WAITING,
        /** It did not take what it is to run; the note says why. */
        REFUSED
    }

    /**
     * @param assigned the tag of what it is to run; empty for nothing of ours
     * @param running the tag of what it says it runs
     * @param note what it says: why it refused, or what it leaves out
     * @param reportedAt when it last said something new; empty before the first time
     */
    public record State(
            UUID collector,
            String name,
            Map<String, String> labels,
            String assigned,
            String running,
            Progress progress,
            String note,
            Optional<Instant> reportedAt) {
        public JsonObject json() {
            var shown = new JsonObject();
            labels.forEach(shown::put);
            return new JsonObject()
                    .put("collector_id", collector.toString())
                    .put("name", name)
                    .put("labels", shown)
                    .put("assigned", assigned)
                    .put("running", running)
                    .put("progress", progress.name().toLowerCase(java.util.Locale.ROOT))
                    .put("note", note)
                    .put("reported_at", reportedAt.map(Instant::toString).orElse(null));
        }
    }

    /** Part of the fleet by name, the revoked left out. @param limit most entries, 1 to {@link #PAGE_MAX} and one */
    public Future<List<State>> page(CollectorPage.Cursor after, int limit) {
        return Assignments.list(pool)
                .compose(assignments -> pool.preparedQuery(PAGE)
                        .execute(Tuple.of(after.name(), after.collector(), limit))
                        .map(rows -> states(rows, assignments)))
                .recover(Collectors::refusal);
    }

    /** Fails with COLLECTOR_UNKNOWN. */
    public Future<State> of(UUID collector) {
        return Assignments.list(pool)
                .compose(assignments -> pool.preparedQuery(ONE)
                        .execute(Tuple.of(collector))
                        .map(rows -> states(rows, assignments).stream()
                                .findFirst()
                                .orElseThrow(() -> Collectors.unknown(collector))))
                .recover(Collectors::refusal);
    }

    private static List<State> states(RowSet<Row> rows, List<Assignment> assignments) {
        var states = new ArrayList<State>();
        rows.forEach(row -> states.add(state(row, assignments)));
        return states;
    }

    private static State state(Row row, List<Assignment> assignments) {
        var collector = row.getUUID("collector_id");
        var labels = ConfigOffice.labels(row);
        var assigned = Assignment.choose(assignments, collector, labels)
                .map(choice -> choice.version().tag())
                .orElse("");
        var running = Optional.ofNullable(row.getString("running")).orElse("");
        return new State(
                collector,
                row.getString("name"),
                labels,
                assigned,
                running,
                progress(assigned, running, row.getString("refused")),
                Optional.ofNullable(row.getString("note")).orElse(""),
                Optional.ofNullable(row.getOffsetDateTime("reported_at")).map(OffsetDateTime::toInstant));
    }

    private static Progress progress(String assigned, String running, String refused) {
        if (assigned.equals(running)) {
            return assigned.isEmpty() ? Progress.NONE : Progress.RUNNING;
        }
        return !assigned.isEmpty() && assigned.equals(refused) ? Progress.REFUSED : Progress.WAITING;
    }

    /**
     * Sets the labels that operators give a collector, in place of those they gave before; they win over its own. Fails with
     * COLLECTOR_UNKNOWN and BAD_REQUEST.
     *
     * @param actor who does it, for the audit
     */
    public Future<State> label(UUID collector, Map<String, String> labels, String actor) {
        var json = new JsonObject(new TreeMap<String, Object>(labels));
        try {
            Labels.parse(labels.entrySet().stream()
                    .map(label -> label.getKey() + "=" + label.getValue())
                    .toList());
        } catch (IllegalArgumentException wrong) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(wrong.getMessage()));
        }
        return pool.withTransaction(tx -> tx.preparedQuery(SET)
                        .execute(Tuple.of(collector, json))
                        .compose(set -> set.rowCount() == 0
                                ? Future.failedFuture(Collectors.unknown(collector))
                                : audit.add(
                                        tx,
                                        new AuditRecord(
                                                actor,
                                                "collector.label",
                                                collector.toString(),
                                                AuditRecord.OK,
                                                "",
                                                new JsonObject().put("labels", json.encode())))))
                .recover(Collectors::refusal)
                .compose(done -> of(collector));
    }
}
