package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.pganalytics.fault.Fault;

/**
 * The numbers under which watched servers stand in the sample tables. Safe to share between event loops.
 *
 * <p>A number is committed before it is given out. What is remembered is bounded, and forgotten with each new physical
 * connection (a restored database).
 */
public final class Targets {
    private static final String FIND = "SELECT name, target_id FROM target WHERE collector_id = $1 AND name = ANY ($2)";
    /** Nothing is inserted beyond the limit, nor a number of the sequence spent on a name that is there. */
    private static final String ADD = """
            INSERT INTO target (collector_id, name) SELECT $1, name FROM unnest($2::text[]) AS name
            WHERE (SELECT count(*) FROM target WHERE collector_id = $1) + cardinality($2::text[]) <= $3
            ON CONFLICT (collector_id, name) DO NOTHING
            """;

    private final Pool pool;
    private final TablesConfig config;
    private final Map<Key, Integer> cache;
    private long generation;

    private record Key(UUID collector, String name) {}

    public Targets(Pool pool, TablesConfig config) {
        this.pool = pool;
        this.config = config;
        this.cache = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Integer> eldest) {
                return size() > config.targetCache();
            }
        };
    }

    /**
     * The ids of a collector's targets by their names, new ones included.
     *
     * <p>Fails with BAD_DATA when the collector would have more targets than it may, and with the database's own
     * exception otherwise (SQLSTATE 23503 for a collector that does not exist).
     */
    public Future<Map<String, Integer>> resolve(UUID collector, Set<String> names) {
        var known = cached(collector, names);
        if (known.size() == names.size()) {
            return Future.succeededFuture(known);
        }
        var missing = new TreeSet<>(names);
        missing.removeAll(known.keySet());
        long started = generation();
        return find(collector, missing)
                .compose(found ->
                        found.size() == missing.size() ? Future.succeededFuture(found) : add(collector, missing, found))
                .onSuccess(found -> remember(started, collector, found))
                .map(found -> {
                    known.putAll(found);
                    return known;
                });
    }

    /** Forgets all ids; to be called for each new physical connection. */
    public synchronized void forget() {
        generation++;
        cache.clear();
    }

    private Future<Map<String, Integer>> add(UUID collector, Set<String> missing, Map<String, Integer> found) {
        var fresh = new TreeSet<>(missing);
        fresh.removeAll(found.keySet());
        return pool.preparedQuery(ADD)
                .execute(tuple(collector, fresh).addInteger(config.targetsPerCollector()))
                .compose(added -> find(collector, missing))
                .map(all -> complete(all, missing));
    }

    private Map<String, Integer> complete(Map<String, Integer> all, Set<String> missing) {
        if (all.size() < missing.size()) {
            throw Fault.BAD_DATA.because(
                    "the collector would have more targets than it may, at most %d (tables.targets-per-collector)"
                            .formatted(config.targetsPerCollector()));
        }
        return all;
    }

    private Future<Map<String, Integer>> find(UUID collector, Set<String> names) {
        return pool.preparedQuery(FIND).execute(tuple(collector, names)).map(Targets::byName);
    }

    private static Map<String, Integer> byName(RowSet<Row> rows) {
        var ids = new HashMap<String, Integer>();
        rows.forEach(row -> ids.put(row.getString("name"), row.getInteger("target_id")));
        return ids;
    }

    private static Tuple tuple(UUID collector, Set<String> names) {
        return Tuple.tuple().addUUID(collector).addArrayOfString(names.toArray(String[]::new));
    }

    private synchronized Map<String, Integer> cached(UUID collector, Set<String> names) {
        var known = new HashMap<String, Integer>();
        for (var name : names) {
            var id = cache.get(new Key(collector, name));
            if (id != null) {
                known.put(name, id);
            }
        }
        return known;
    }

    /** What was found before everything was forgotten may be of another database. */
    private synchronized void remember(long started, UUID collector, Map<String, Integer> found) {
        if (started == generation) {
            found.forEach((name, id) -> cache.put(new Key(collector, name), id));
        }
    }

    private synchronized long generation() {
        return generation;
    }
}
