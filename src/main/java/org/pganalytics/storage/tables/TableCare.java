package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pganalytics.database.Tier;
import org.pganalytics.storage.tables.FamilyRecords.Kept;

/** Brings the tables of all families into order, on one connection, those no longer declared included. */
final class TableCare {
    private static final int TEXTS_AT_ONCE = 5_000;
    private static final String FORGET = """
            DELETE FROM %1$s WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM %1$s WHERE last_sent < $1 LIMIT %2$d))
            """;

    private final Tier tier;
    private final TablesConfig config;
    private final SqlConnection connection;
    private final RollUpCare rollUps;

    TableCare(Tier tier, TablesConfig config, RollUpConfig rollUp, SqlConnection connection) {
        this.tier = tier;
        this.config = config;
        this.connection = connection;
        this.rollUps = new RollUpCare(tier, rollUp, connection);
    }

    /** One family after the other; one that fails leaves the others alone. */
    Future<MaintenanceRun> run() {
        return TableCatalog.now(connection)
                .compose(now -> FamilyRecords.all(connection)
                        .compose(families -> runAll(families, now.withOffsetSameInstant(ZoneOffset.UTC))));
    }

    private Future<MaintenanceRun> runAll(List<Kept> families, OffsetDateTime now) {
        var run = Future.succeededFuture(MaintenanceRun.NOTHING);
        for (var family : families) {
            run = run.compose(sofar -> orFailed(family, run(family, now)).map(sofar::plus))
                    .compose(sofar -> orFailed(
                                    family, rollUps.clear(family, now, drop -> locked(family.family(), drop)))
                            .map(sofar::plus));
        }
        return run;
    }

    private static Future<MaintenanceRun> orFailed(Kept family, Future<MaintenanceRun> run) {
        return run.otherwise(
                failure -> new MaintenanceRun(0, 0, 0, Map.of(family.family(), String.valueOf(failure.getMessage()))));
    }

    private Future<MaintenanceRun> run(Kept family, OffsetDateTime now) {
        var over = now.minus(family.retention());
        if (family.dictionary()) {
            return forget(family.family(), over, 0).map(texts -> new MaintenanceRun(0, 0, texts, Map.of()));
        }
        return TableCatalog.table(connection, family.family()).compose(found -> {
            if (found.isEmpty()) {
                return Future.succeededFuture(MaintenanceRun.NOTHING);
            }
            return found.get().kind().equals("p") ? partitions(family.family(), now, over) : chunks(family, over);
        });
    }

    private Future<MaintenanceRun> partitions(String family, OffsetDateTime now, OffsetDateTime over) {
        return TableCatalog.partitions(connection, "metrics", family).compose(days -> {
            var made =
                    ahead(now.toLocalDate()).filter(day -> !days.contains(day)).toList();
            var past = days.stream().filter(day -> isOver(day, over)).toList();
            return each(made, day -> locked(family, () -> Partitions.ensure(connection, family, day)))
                    .compose(done -> each(past, day -> locked(family, () -> Partitions.drop(connection, family, day))))
                    .map(done -> new MaintenanceRun(made.size(), past.size(), 0, Map.of()));
        });
    }

    private java.util.stream.Stream<LocalDate> ahead(LocalDate today) {
        return today.datesUntil(today.plusDays(config.partitionsAhead() + 1L));
    }

    /** Only when its last moment is over, so that no row is dropped before its time. */
    private static boolean isOver(LocalDate day, OffsetDateTime over) {
        return !day.plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC).isAfter(over);
    }

    private Future<MaintenanceRun> chunks(Kept family, OffsetDateTime over) {
        if (!tier.hasHypertables()) {
            return Future.succeededFuture(MaintenanceRun.NOTHING);
        }
        return locked(
                        family.family(),
                        () -> connection
                                .preparedQuery("SELECT count(*)"
                                        + " FROM drop_chunks($1::text::regclass, older_than => $2::timestamptz)")
                                .execute(Tuple.of(TableDdl.table(family.family()), over))
                                .map(rows -> rows.iterator().next().getLong(0)))
                .map(dropped -> new MaintenanceRun(0, dropped, 0, Map.of()));
    }

    private Future<Long> forget(String family, OffsetDateTime over, long sofar) {
        return connection
                .preparedQuery(FORGET.formatted(TableDdl.table(family), TEXTS_AT_ONCE))
                .execute(Tuple.of(over))
                .compose(deleted -> deleted.rowCount() < TEXTS_AT_ONCE
                        ? Future.succeededFuture(sofar + deleted.rowCount())
                        : forget(family, over, sofar + deleted.rowCount()));
    }

    private <T> Future<T> locked(String family, Supplier<Future<T>> change) {
        return connection
                .begin()
                .compose(tx -> LockedChange.within(connection, family, config, same -> change.get())
                        .compose(done -> tx.commit().map(done))
                        .recover(failure -> rolledBack(tx, failure)));
    }

    private static <T> Future<T> rolledBack(Transaction tx, Throwable failure) {
        return tx.rollback().transform(done -> Future.failedFuture(failure));
    }

    private static <T> Future<Void> each(List<LocalDate> days, Function<LocalDate, Future<T>> step) {
        var chain = Future.<Void>succeededFuture();
        for (var day : days) {
            chain = chain.compose(done -> step.apply(day)).mapEmpty();
        }
        return chain;
    }
}
