package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.http.Operations;

/** Who creates most series, over HTTP. */
public final class CardinalityRoutes {
    /** Each server counts what it sees: of those that saw the same series the one that saw most counts them best. */
    private static final String COUNTS = """
            SELECT n.collector_id, c.name, n.family, max(n.series) AS series,
                   (array_agg(n.series_max ORDER BY n.counted_at DESC))[1] AS series_max,
                   sum(n.folded_rows)::int8 AS folded_rows, sum(n.unfollowed_rows)::int8 AS unfollowed_rows,
                   (array_agg(n.limited_by ORDER BY n.counted_at DESC) FILTER (WHERE n.limited_by IS NOT NULL))[1]
                       AS limited_by,
                   max(n.counted_at) AS counted_at
            FROM series_count n JOIN collector c USING (collector_id)
            WHERE n.day = $1%s GROUP BY n.collector_id, c.name, n.family
            """;

    private static final String PAGE = """
            SELECT * FROM (%s) counts %s
            ORDER BY folded_rows DESC, series DESC, collector_id, family LIMIT $%d
            """;

    private final Reader reader;
    private final Clock clock;

    public CardinalityRoutes(Pool pool, QueryConfig config, Clock clock) {
        this.reader = new Reader(pool, config);
        this.clock = clock;
    }

    public void mount(Operations operations) {
        operations.on("listCardinality", this::list);
    }

    /** The last entry of the page before. */
    private record After(long folded, long series, UUID collector, String family) {
        static After of(List<String> values) {
            return new After(
                    Long.parseLong(values.get(1)),
                    Long.parseLong(values.get(2)),
                    UUID.fromString(values.get(3)),
                    values.get(4));
        }
    }

    private record Position(LocalDate day, After after) {
        static Position of(List<String> values, Optional<LocalDate> asked) {
            var day = CardinalityRoutes.day(values.get(0));
            if (asked.isPresent() && !asked.get().equals(day)) {
                throw new DateTimeException("the request is about another day");
            }
            return new Position(day, After.of(values));
        }
    }

    /** The database has no days of five digits' years or before Christ that anybody could mean. */
    private static LocalDate day(String text) {
        var day = LocalDate.parse(text);
        if (day.getYear() < 1 || day.getYear() > 9_999) {
            throw new DateTimeException("a year from 1 to 9999 is wanted");
        }
        return day;
    }

    private Future<Answer> list(Call call) {
        var asked = call.optional("day").isPresent() ? Optional.of(day(call)) : Optional.<LocalDate>empty();
        var position = Cursor.read(call, 5, fields -> Position.of(fields, asked));
        // Pages after the first are of the day that the first took for today.
        var day = position.map(Position::day).orElseGet(() -> day(call));
        var values = Tuple.tuple().addLocalDate(day);
        int limit = call.integer("limit");
        return reader.read(sql(call, position, values, limit + 1), values).map(rows -> page(call, day, rows, limit));
    }

    private static String sql(Call call, Optional<Position> position, Tuple values, int limit) {
        var where = new ArrayList<String>();
        call.optional("collector")
                .map(UUID::fromString)
                .ifPresent(id ->
                        where.add(" AND n.collector_id = $" + values.addUUID(id).size()));
        call.optional("family")
                .ifPresent(name ->
                        where.add(" AND n.family = $" + values.addString(name).size()));
        var later = position.map(Position::after).map(after -> {
            int at = values.addLong(after.folded())
                    .addLong(after.series())
                    .addUUID(after.collector())
                    .addString(after.family())
                    .size();
            return "WHERE (-folded_rows, -series, collector_id, family) > (-$%d::int8, -$%d::int8, $%d, $%d)"
                    .formatted(at - 3, at - 2, at - 1, at);
        });
        return PAGE.formatted(
                COUNTS.formatted(String.join("", where)),
                later.orElse(""),
                values.addInteger(limit).size());
    }

    private LocalDate day(Call call) {
        try {
            return call.optional("day")
                    .map(CardinalityRoutes::day)
                    .orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        } catch (DateTimeException odd) {
            throw Fault.BAD_REQUEST.because(
                    "query parameter 'day' = '%s' must be a day that there is, such as 2026-01-31"
                            .formatted(call.text("day")),
                    odd);
        }
    }

    private static Answer page(Call call, LocalDate day, RowSet<Row> rows, int limit) {
        var entries = new JsonArray();
        String next = null;
        for (var row : rows) {
            if (entries.size() == limit) {
                next = Cursor.of(call, place(day, entries.getJsonObject(limit - 1)));
            } else {
                entries.add(json(row));
            }
        }
        return Answer.ok(new JsonObject()
                .put("day", day.toString())
                .put("entries", entries)
                .put("next", next));
    }

    private static List<String> place(LocalDate day, JsonObject last) {
        return List.of(
                day.toString(),
                last.getString("folded_rows"),
                last.getString("series"),
                last.getString("collector_id"),
                last.getString("family"));
    }

    private static JsonObject json(Row row) {
        return new JsonObject()
                .put("collector_id", row.getUUID("collector_id").toString())
                .put("name", row.getString("name"))
                .put("family", row.getString("family"))
                .put("series", row.getLong("series").toString())
                .put("series_max", row.getLong("series_max").toString())
                .put("folded_rows", row.getLong("folded_rows").toString())
                .put("unfollowed_rows", row.getLong("unfollowed_rows").toString())
                .put("limited_by", row.getString("limited_by"))
                .put(
                        "counted_at",
                        row.getOffsetDateTime("counted_at").toInstant().toString());
    }
}
