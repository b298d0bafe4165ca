package org.pganalytics.storage.tables;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pganalytics.database.Tier;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.tables.FamilyRecords.Kept;

/** Drops roll-ups whose time is over, on one connection. */
final class RollUpCare {
    /** Hours that cannot be made, since a target's values are beyond what adds up, are not waited for without end. */
    private static final String NEEDED = """
            SELECT greatest($1::timestamptz - interval '2 days', least($1, (
                SELECT to_timestamp(min(lower(pending) * CASE level WHEN 'hour' THEN 3600.0 ELSE 600.0 END))
                FROM roll_up_work WHERE family = $2 AND level <> 'minute'))) AS needed
            """;

    /** Who reads is to know what is gone, also when it is to be kept for longer from some day on. */
    private static final String DROPPED = """
            UPDATE metric_family SET %1$ss_from = greatest(%1$ss_from, $2::timestamptz) WHERE family = $1
            """;

    private static final String DROP_CHUNKS =
            "SELECT count(*) FROM drop_chunks($1::text::regclass, older_than => $2::timestamptz)";

    private final Tier tier;
    private final RollUpConfig config;
    private final SqlConnection connection;

    RollUpCare(Tier tier, RollUpConfig config, SqlConnection connection) {
        this.tier = tier;
        this.config = config;
        this.connection = connection;
    }

    /** @param locked makes a change in a transaction of its own, under the family's lock */
    Future<MaintenanceRun> clear(
            Kept family, OffsetDateTime now, Function<Supplier<Future<Long>>, Future<Long>> locked) {
        if (family.dictionary()) {
            return Future.succeededFuture(MaintenanceRun.NOTHING);
        }
        var minutesOver = now.minus(config.minuteRetention());
        return neededSince(family.family(), minutesOver)
                .compose(needed -> clear(Level.MINUTE, family.family(), needed, locked))
                .compose(gone ->
                        clear(Level.TEN, family.family(), minutesOver, locked).map(tens -> gone + tens))
                .compose(gone -> clear(Level.HOUR, family.family(), now.minus(config.hourRetention()), locked)
                        .map(hours -> new MaintenanceRun(0, gone + hours, 0, Map.of())));
    }

    /** Minutes of which hours are still to be made stay, for two days more. */
    private Future<OffsetDateTime> neededSince(String family, OffsetDateTime over) {
        return connection
                .preparedQuery(NEEDED)
                .execute(Tuple.of(over, family))
                .map(rows -> rows.iterator().next().getOffsetDateTime("needed"));
    }

    private Future<Long> clear(
            Level level, String family, OffsetDateTime over, Function<Supplier<Future<Long>>, Future<Long>> locked) {
        return TableCatalog.table(connection, level.schema(), family).compose(found -> {
            if (found.isEmpty()) {
                return Future.succeededFuture(0L);
            }
            if (found.get().kind().equals("p")) {
                return partitions(level, family, over, locked);
            }
            return tier.hasHypertables() ? locked.apply(() -> chunks(level, family, over)) : Future.succeededFuture(0L);
        });
    }

    private Future<Long> partitions(
            Level level, String family, OffsetDateTime over, Function<Supplier<Future<Long>>, Future<Long>> locked) {
        return TableCatalog.partitions(connection, level.schema(), family).compose(begins -> {
            var dropped = Future.succeededFuture(0L);
            for (var begin : begins.stream()
                    .filter(begin -> isOver(RollUpDdl.end(level, begin), over))
                    .toList()) {
                dropped = dropped.compose(
                        sofar -> locked.apply(() -> drop(level, family, begin)).map(one -> sofar + one));
            }
            return dropped;
        });
    }

    private static boolean isOver(LocalDate end, OffsetDateTime over) {
        return !end.atStartOfDay().atOffset(ZoneOffset.UTC).isAfter(over);
    }

    private Future<Long> drop(Level level, String family, LocalDate begin) {
        return connection
                .query("DROP TABLE IF EXISTS " + RollUpDdl.partition(level, family, begin))
                .execute()
                .compose(gone -> dropped(
                        level,
                        family,
                        RollUpDdl.end(level, begin).atStartOfDay().atOffset(ZoneOffset.UTC)))
                .map(1L);
    }

    private Future<Long> chunks(Level level, String family, OffsetDateTime over) {
        return connection
                .preparedQuery(DROP_CHUNKS)
                .execute(Tuple.of(level.table(family), over))
                .map(rows -> rows.iterator().next().getLong(0))
                .compose(chunks -> chunks == 0
                        ? Future.succeededFuture(chunks)
                        : dropped(level, family, over).map(chunks));
    }

    private Future<Void> dropped(Level level, String family, OffsetDateTime before) {
        return connection
                .preparedQuery(DROPPED.formatted(level.word()))
                .execute(Tuple.of(family, before))
                .mapEmpty();
    }
}
