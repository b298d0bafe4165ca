package org.pganalytics.storage.series;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down who creates most series and whose rows are folded, beside the corridor. Numbers of one run of a server only
 * grow within a day, so a writing whose end is not known is simply done again.
 */
public final class SeriesReport extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(SeriesReport.class);
    /** Of those within their limits, the largest; of those whose rows are folded, all up to the second number. */
    private static final int LARGEST = 100;

    private static final int FOLDED_MAX = 5_000;

    private static final String WRITE = """
            INSERT INTO series_count AS kept
                (day, collector_id, family, server_run, series, series_max, folded_rows, unfollowed_rows, limited_by)
            SELECT day, collector_id, family, $1, series, series_max, folded_rows, unfollowed_rows, limited_by
            FROM unnest($2::date[], $3::uuid[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::text[])
                AS seen (day, collector_id, family, series, series_max, folded_rows, unfollowed_rows, limited_by)
                JOIN collector USING (collector_id)
            ON CONFLICT (day, collector_id, family, server_run) DO UPDATE SET
                series = greatest(kept.series, excluded.series), series_max = excluded.series_max,
                folded_rows = greatest(kept.folded_rows, excluded.folded_rows),
                unfollowed_rows = greatest(kept.unfollowed_rows, excluded.unfollowed_rows),
                limited_by = excluded.limited_by, counted_at = now()
            """;
    private static final String CLEAR =
            "DELETE FROM series_count WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int4";

    private final SeriesLimits series;
    private final Pool pool;
    private final SeriesConfig config;
    private final UUID run;
    private boolean failing;
    private Future<Void> writing = Future.succeededFuture();

    /** @param run this run of the server */
    public SeriesReport(SeriesLimits series, Pool pool, SeriesConfig config, UUID run) {
        this.series = series;
        this.pool = pool;
        this.config = config;
        this.run = run;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(config.reportEvery().toMillis(), tick -> write());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return writing.compose(written -> write());
    }

    private Future<Void> write() {
        if (writing.isComplete()) {
            var changes = series.takeChanges();
            var told = toBeTold(changes);
            // A failure is settled here: what was not written is told the next time.
            writing = (told.isEmpty() ? Future.<Void>succeededFuture() : insert(told))
                    .compose(written -> clear())
                    .onSuccess(done -> failing = false)
                    .onFailure(failure -> {
                        series.putBack(told);
                        tellFirst(failure);
                    })
                    .otherwiseEmpty();
        }
        return writing;
    }

    static List<SeriesCount> toBeTold(List<SeriesCount> changes) {
        var folded = changes.stream()
                .filter(change -> change.foldedRows() > 0)
                .sorted(Comparator.comparingLong(SeriesCount::foldedRows).reversed())
                .limit(FOLDED_MAX);
        var largest = changes.stream()
                .filter(change -> change.foldedRows() == 0)
                .sorted(Comparator.comparingLong(SeriesCount::series).reversed())
                .limit(LARGEST);
        return Stream.concat(folded, largest).toList();
    }

    private Future<Void> insert(List<SeriesCount> counts) {
        var values = Tuple.tuple()
                .addUUID(run)
                .addArrayOfLocalDate(counts.stream().map(SeriesCount::day).toArray(LocalDate[]::new))
                .addArrayOfUUID(counts.stream().map(SeriesCount::collector).toArray(UUID[]::new))
                .addArrayOfString(texts(counts, SeriesCount::family))
                .addArrayOfLong(longs(counts, SeriesCount::series))
                .addArrayOfLong(longs(counts, SeriesCount::seriesMax))
                .addArrayOfLong(longs(counts, SeriesCount::foldedRows))
                .addArrayOfLong(longs(counts, SeriesCount::unfollowedRows))
                .addArrayOfString(texts(counts, SeriesReport::bound));
        return pool.preparedQuery(WRITE).execute(values).mapEmpty();
    }

    private Future<Void> clear() {
        return pool.preparedQuery(CLEAR)
                .execute(Tuple.of((int) config.reportKeep().toDays()))
                .mapEmpty();
    }

    private void tellFirst(Throwable failure) {
        if (!failing) {
            failing = true;
            LOG.warn("who creates most series cannot be written, it waits in memory: {}", failure.getMessage());
        }
    }

    private static String bound(SeriesCount count) {
        return count.bound() == null ? null : count.bound().name().toLowerCase(Locale.ROOT);
    }

    private static String[] texts(List<SeriesCount> counts, Function<SeriesCount, String> part) {
        return counts.stream().map(part).toArray(String[]::new);
    }

    private static Long[] longs(List<SeriesCount> counts, Function<SeriesCount, Long> part) {
        return counts.stream().map(part).toArray(Long[]::new);
    }
}
