package org.pganalytics.storage.rollup;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;

/** Some columns of whole targets by the minute, for the overview of a fleet: it would else read every series of each. */
final class FleetMinutes {
    /** What is summed over a target's databases, and under which name. */
    private record Sum(String as, String column, String part) {}

    private static final String COUNTER = "grown";
    private static final String GAUGE = "avg";
    private static final List<Sum> SUMS = List.of(
            new Sum("commits", "xact_commit", COUNTER),
            new Sum("rollbacks", "xact_rollback", COUNTER),
            new Sum("blocks_hit", "blks_hit", COUNTER),
            new Sum("blocks_read", "blks_read", COUNTER),
            new Sum("deadlocks", "deadlocks", COUNTER),
            new Sum("temp_bytes", "temp_bytes", COUNTER),
            new Sum("sessions", "numbackends", GAUGE),
            new Sum("database_bytes", "size_bytes", GAUGE));

    private static final List<String> FAMILIES = List.of("pg_stat_database", "database_size");

    private static final String REMOVE = """
            DELETE FROM fleet_minute AS kept USING unnest($1::int4[], $2::timestamptz[], $3::timestamptz[])
                AS span (target_id, began, ended)
            WHERE family = '%s' AND kept.target_id = span.target_id AND kept.time >= span.began AND kept.time < span.ended
                AND kept.time >= $4 AND kept.time < $5
            """;
    private static final String INSERT = """
            INSERT INTO fleet_minute (time, target_id, family, covered, databases, %s)
            SELECT kept.time, kept.target_id, '%s', max(%s), count(*), %s
            FROM unnest($1::int4[], $2::timestamptz[], $3::timestamptz[]) AS span (target_id, began, ended)
            JOIN %s AS kept ON kept.target_id = span.target_id AND kept.time >= span.began AND kept.time < span.ended
            WHERE kept.time >= $4 AND kept.time < $5 AND kept.time >= now() - interval '3 hours'
            GROUP BY kept.time, kept.target_id
            """;
    private static final String CLEAR = "DELETE FROM fleet_minute WHERE time < now() - interval '3 hours'";

    private FleetMinutes() {}

    /** After the minutes themselves, within their transaction. */
    static Future<Void> make(SqlConnection tx, RolledFamily family, Spans minutes) {
        if (!FAMILIES.contains(family.name())) {
            return Future.succeededFuture();
        }
        var sums = SUMS.stream().filter(sum -> isIn(family, sum)).toList();
        return tx.preparedQuery(REMOVE.formatted(family.name()))
                .execute(minutes.bind(Duration.ZERO))
                .compose(removed -> sums.isEmpty()
                        ? Future.succeededFuture()
                        : tx.preparedQuery(insert(family, sums))
                                .execute(minutes.bind(Duration.ZERO))
                                .mapEmpty());
    }

    static Future<Void> clear(SqlClient client) {
        return client.query(CLEAR).execute().mapEmpty();
    }

    private static boolean isIn(RolledFamily family, Sum sum) {
        return family.column(sum.column())
                .filter(column -> column.role() != ColumnRole.KEY)
                .map(column -> RollUp.parts(column).stream()
                        .anyMatch(part -> part.name().equals(RollUp.part(column, sum.part()))))
                .orElse(false);
    }

    private static String insert(RolledFamily family, List<Sum> sums) {
        return INSERT.formatted(
                sums.stream().map(Sum::as).collect(Collectors.joining(", ")),
                family.name(),
                RollUp.COVERED,
                sums.stream()
                        .map(sum -> "sum(%s)"
                                .formatted(
                                        RollUp.part(family.column(sum.column()).orElseThrow(), sum.part())))
                        .collect(Collectors.joining(", ")),
                Level.MINUTE.table(family.name()));
    }
}
