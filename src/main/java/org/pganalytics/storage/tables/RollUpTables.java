package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.TreeSet;
import org.pganalytics.database.Tier;
import org.pganalytics.model.Column;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.RollUp;
import org.pganalytics.model.RollUp.Level;

/** The tables of a family's roll-ups: made and widened with the family's own, and cut by time as that is. */
public final class RollUpTables {
    /**
     * Everything that is there is to be rolled up when a family begins to have roll-ups, or has them again: nobody noted
     * what was written meanwhile.
     */
    private static final String ALL_IS_DUE = """
            INSERT INTO roll_up_work (family, level, target_id, pending)
            SELECT $1, 'minute', target_id, int4multirange(int4range(
                floor(extract(epoch FROM first) / 60)::int4, floor(extract(epoch FROM last) / 60)::int4 + 1))
            FROM (SELECT target_id, (SELECT min(time) FROM %1$s WHERE target_id = target.target_id) AS first,
                         (SELECT max(time) FROM %1$s WHERE target_id = target.target_id) AS last
                  FROM target) AS there
            WHERE first IS NOT NULL
            ON CONFLICT (family, level, target_id) DO UPDATE SET pending = roll_up_work.pending + excluded.pending
            """;

    /** What the family's declarations before had: its rows may have values of it still. */
    private static final String DECLARED = """
            SELECT column_names, column_types, column_roles FROM family_schema
            WHERE family = $1 ORDER BY declared_at, fingerprint
            """;

    /**
     * From when on there are roll-ups by ten minutes: from the first one on in a family that had none by the minute before,
     * else from when nobody rolls up any more who began before this table was there.
     */
    private static final String TENS_FROM = """
            UPDATE metric_family SET tens_from = CASE WHEN EXISTS (SELECT FROM %s)
                THEN now() + interval '1 hour' ELSE to_timestamp(0) END
            WHERE family = $1 AND tens_from IS NULL
            """;

    private static final String ROLLED_UP =
            "SELECT count(*) > 0 FROM metric_family WHERE family = $1 AND roll_up_every IS NOT NULL";

    private final Tier tier;

    public RollUpTables(Tier tier) {
        this.tier = tier;
    }

    /** Within the transaction that makes the family's own table, before the family is remembered. */
    Future<Void> build(SqlConnection tx, MetricFamily family) {
        if (!family.rollsUp()) {
            return Future.succeededFuture();
        }
        return tx.preparedQuery(DECLARED)
                .execute(Tuple.of(family.name()))
                .map(rows -> everDeclared(rows, family))
                .compose(columns -> build(tx, Level.MINUTE, family, columns)
                        .compose(made -> build(tx, Level.TEN, family, columns))
                        .compose(made -> build(tx, Level.HOUR, family, columns)))
                .compose(made -> tx.preparedQuery(ROLLED_UP).execute(Tuple.of(family.name())))
                .compose(rows -> rows.iterator().next().getBoolean(0)
                        ? Future.succeededFuture()
                        : tx.preparedQuery(ALL_IS_DUE.formatted(TableDdl.table(family.name())))
                                .execute(Tuple.of(family.name()))
                                .mapEmpty());
    }

    /** After the family is remembered, in the same transaction. */
    Future<Void> built(SqlConnection tx, MetricFamily family) {
        return family.rollsUp()
                ? tx.preparedQuery(TENS_FROM.formatted(Level.MINUTE.table(family.name())))
                        .execute(Tuple.of(family.name()))
                        .mapEmpty()
                : Future.succeededFuture();
    }

    private static Collection<Column> everDeclared(RowSet<Row> rows, MetricFamily family) {
        var columns = new LinkedHashMap<String, Column>();
        for (var row : rows) {
            FamilySchema.known(
                            row.getArrayOfStrings("column_names"),
                            row.getArrayOfStrings("column_types"),
                            row.getArrayOfStrings("column_roles"))
                    .forEach(column -> columns.put(column.name(), column));
        }
        family.schema().columns().forEach(column -> columns.put(column.name(), column));
        return columns.values();
    }

    private Future<Void> build(SqlConnection tx, Level level, MetricFamily family, Collection<Column> columns) {
        return TableCatalog.table(tx, level.schema(), family.name())
                .compose(found -> found.isPresent()
                        ? Future.succeededFuture(found)
                        : create(tx, level, family)
                                .compose(made -> TableCatalog.table(tx, level.schema(), family.name())))
                .compose(found -> widen(
                        tx,
                        level.table(family.name()),
                        columns,
                        found.orElseThrow().types().keySet()));
    }

    private Future<Void> create(SqlConnection tx, Level level, MetricFamily family) {
        var made = tx.query(RollUpDdl.create(level, family, !tier.hasHypertables()))
                .execute();
        return tier.hasHypertables()
                ? made.compose(table -> tx.query(RollUpDdl.createHypertable(level, family.name()))
                                .execute())
                        .mapEmpty()
                : made.mapEmpty();
    }

    private static Future<Void> widen(SqlConnection tx, String table, Collection<Column> columns, Set<String> found) {
        var missing = RollUpDdl.parts(columns)
                .filter(part -> !found.contains(unquoted(part)))
                .toList();
        return missing.isEmpty()
                ? Future.succeededFuture()
                : tx.query(RollUpDdl.addColumns(table, missing)).execute().mapEmpty();
    }

    private static String unquoted(RollUp.Part part) {
        return part.name().substring(1, part.name().length() - 1);
    }

    /** Makes room for rows of these times, where there is none. Within a transaction. */
    public static Future<Void> ensure(SqlConnection tx, Level level, String family, Collection<Instant> times) {
        var begins = new TreeSet<LocalDate>();
        times.forEach(time ->
                begins.add(RollUpDdl.begin(level, time.atOffset(ZoneOffset.UTC).toLocalDate())));
        return TableCatalog.isPartitioned(tx, level.table(family)).compose(partitioned -> {
            var chain = Future.<Void>succeededFuture();
            for (var begin : partitioned ? begins : Set.<LocalDate>of()) {
                chain = chain.compose(before -> ensure(tx, level, family, begin));
            }
            return chain;
        });
    }

    private static Future<Void> ensure(SqlConnection tx, Level level, String family, LocalDate begin) {
        return TableCatalog.exists(tx, RollUpDdl.partition(level, family, begin))
                .compose(exists -> exists
                        ? Future.succeededFuture()
                        : tx.query(RollUpDdl.createPartition(level, family, begin))
                                .execute()
                                .mapEmpty());
    }
}
