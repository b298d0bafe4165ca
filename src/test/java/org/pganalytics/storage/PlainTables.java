package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.MetricFamily;

/** The tables of {@link Samples}, without partitions. */
final class PlainTables implements Tables {
    private final Pool pool;

    PlainTables(Pool pool) {
        this.pool = pool;
    }

    @Override
    public Optional<Table> lookup(String family) {
        return List.of(Samples.FAMILY, Samples.OTHER, Samples.TEXTS).stream()
                .filter(known -> known.name().equals(family))
                .map(PlainTables::table)
                .findFirst();
    }

    private static Table table(MetricFamily family) {
        return new Table(
                family, family.schema().columns().stream().collect(Collectors.toMap(Column::name, Column::type)));
    }

    @Override
    public Future<Void> ensure(String family, LocalDate day) {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> refresh() {
        return Future.succeededFuture();
    }

    @Override
    public long generation() {
        return 0;
    }

    @Override
    public Future<Map<String, Integer>> targets(UUID collector, Set<String> names) {
        return pool.preparedQuery("INSERT INTO target (collector_id, name) SELECT $1, unnest($2::text[])"
                        + " ON CONFLICT (collector_id, name) DO UPDATE SET name = excluded.name"
                        + " RETURNING name, target_id")
                .execute(Tuple.tuple()
                        .addUUID(collector)
                        .addArrayOfString(names.stream().sorted().toArray(String[]::new)))
                .map(rows -> {
                    var ids = new HashMap<String, Integer>();
                    rows.forEach(row -> ids.put(row.getString("name"), row.getInteger("target_id")));
                    return ids;
                });
    }
}
