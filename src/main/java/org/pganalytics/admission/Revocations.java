package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.CollectorPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which collectors are revoked, and which limits they have of their own: the collector table, in memory.
 *
 * <p>The truth is the table; changed rows are read every poll interval, and at once when {@link #refresh} is called (a
 * notification came) or this server revoked one itself. While the database is away, what is known holds. Thread-safe.
 */
public final class Revocations {
    /** Where the database tells of a changed collector; the payload is its id. */
    public static final String CHANNEL = "pganalytics_collector";

    private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);
    private static final String ALL = "0";
    private static final String CHANGED = """
            SELECT s.xmin::text AS next_since, %s
            FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin) s
            LEFT JOIN collector c ON c.changed_xid >= $1::text::xid8
            ORDER BY c.changed_xid DESC LIMIT $2
            """.formatted(CollectorState.COLUMNS);
    private static final String ONE =
            "SELECT %s FROM collector c WHERE c.collector_id = $1".formatted(CollectorState.COLUMNS);

    private record Listener(Context context, Consumer<UUID> action) {}

    private final Vertx vertx;
    private final Pool pool;
    private final AdmissionConfig config;
    private final Map<UUID, CollectorState> known = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicReference<String> since = new AtomicReference<>(ALL);
    private final AtomicBoolean reading = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();
    private volatile boolean failing;
    private volatile long timer = -1;
    private volatile boolean stopped;

    public Revocations(Vertx vertx, Pool pool, Bus bus, AdmissionConfig config, MeterRegistry registry) {
        this.vertx = vertx;
        this.pool = pool;
        this.config = config;
        registry.gauge("pganalytics.admission.collectors.known", known, Map::size);
        bus.on(Event.CollectorRevoked.class, this::revokedHere);
    }

    /** Reads all collectors, then looks for changes every poll interval; fails when the first reading does. */
    public Future<Void> start() {
        return read().onSuccess(loaded ->
                timer = vertx.setPeriodic(config.pollInterval().toMillis(), tick -> refresh()));
    }

    public void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }

    /** Looks for changes now; to be called when a notification came on {@link #CHANNEL}. */
    public void refresh() {
        if (!reading.compareAndSet(false, true)) {
            again.set(true);
            return;
        }
        read().onComplete(done -> {
            reading.set(false);
            if (again.getAndSet(false)) {
                refresh();
            }
        });
    }

    /** Reads everything anew at the next look: notifications may have been missed, or the database be another one. */
    public void reset() {
        since.set(ALL);
        refresh();
    }

    /** Called with each collector whose tokens are void from now on; on the context that this was called on, if any. */
    public void onRevoked(Consumer<UUID> action) {
        listeners.add(new Listener(Vertx.currentContext(), action));
    }

    /** Whether the tokens of this generation still hold, as far as this server knows. */
    public boolean current(CollectorPrincipal principal) {
        var state = known.get(principal.collector());
        return state == null || !state.revoked() && state.generation() == principal.generation();
    }

    boolean revoked(UUID collector) {
        var state = known.get(collector);
        return state != null && state.revoked();
    }

    RateLimits.Overrides overridesOf(UUID collector) {
        var state = known.get(collector);
        return state == null ? RateLimits.Overrides.NONE : state.overrides();
    }

    /** Finds the collector in memory, else in the database; empty when it is in neither; fails with STORE_DOWN. */
    Future<Optional<CollectorState>> find(UUID collector) {
        var state = known.get(collector);
        if (state != null) {
            return Future.succeededFuture(Optional.of(state));
        }
        return pool.preparedQuery(ONE)
                .execute(Tuple.of(collector))
                .map(rows -> rows.size() == 0
                        ? Optional.<CollectorState>empty()
                        : Optional.of(CollectorState.of(rows.iterator().next())))
                .onSuccess(found -> found.ifPresent(this::remember))
                .recover(failure -> Future.failedFuture(
                        Fault.STORE_DOWN.because("the collector cannot be looked up at the moment", failure)));
    }

    private Future<Void> read() {
        var from = since.get();
        return pool.preparedQuery(CHANGED)
                .execute(Tuple.of(from, config.collectorsMax()))
                .onSuccess(rows -> take(from, rows))
                .onFailure(this::keepWhatIsKnown)
                .mapEmpty();
    }

    private void take(String from, RowSet<Row> rows) {
        failing = false;
        var read = new HashSet<UUID>();
        for (var row : rows) {
            if (row.getUUID("collector_id") != null) {
                read.add(row.getUUID("collector_id"));
                remember(CollectorState.of(row));
            }
        }
        if (from.equals(ALL) && read.size() < config.collectorsMax()) {
            // In a restored database some may be missing: they are to register again.
            known.keySet().retainAll(read);
        }
        advance(from, rows.iterator().next().getString("next_since"));
    }

    /** A snapshot older than the last one is another database, a restored one: all of it is read anew. */
    private void advance(String from, String next) {
        boolean backwards = Long.compareUnsigned(Long.parseUnsignedLong(next), Long.parseUnsignedLong(from)) < 0;
        since.compareAndSet(from, backwards ? ALL : next);
    }

    private void remember(CollectorState state) {
        var before = known.get(state.collector());
        if (before != null || known.size() < config.collectorsMax()) {
            known.put(state.collector(), state);
        }
        boolean voided = before == null ? state.revoked() : state.generation() != before.generation();
        if (voided || before != null && state.revoked() && !before.revoked()) {
            tell(state.collector());
        }
    }

    private void revokedHere(Event.CollectorRevoked event) {
        known.computeIfPresent(event.collector(), (id, state) -> state.revokedAt(event.generation()));
        tell(event.collector());
        refresh();
    }

    private void tell(UUID collector) {
        for (var listener : listeners) {
            if (listener.context == null) {
                listener.action.accept(collector);
            } else {
                listener.context.runOnContext(run -> listener.action.accept(collector));
            }
        }
    }

    private void keepWhatIsKnown(Throwable failure) {
        // What happened meanwhile may be in a database that was restored: start over when it is back.
        since.set(ALL);
        if (!failing && !stopped) {
            failing = true;
            LOG.warn("Revocations cannot be read, those known stay in force: {}", failure.getMessage());
        }
    }
}
