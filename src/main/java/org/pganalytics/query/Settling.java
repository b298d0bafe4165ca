package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.RollUp.Level;

/** Finds out from where a range of a target's samples is best read: from the roll-ups, where these are as the rows are. */
final class Settling {
    /**
     * The first minute and hour that are still to be rolled up, after rows came; null where none is. And from when on there
     * are roll-ups at all, those before having been dropped.
     */
    private static final String CHANGED = """
            SELECT least(
                (SELECT min(lower(pending)) FROM roll_up_work
                 WHERE family = $1 AND level = 'minute' AND target_id = $2),
                (SELECT min(minute) FROM roll_up_due CROSS JOIN LATERAL unnest(family_of, targets, minutes)
                     AS noted (one, target_id, minute)
                 WHERE $1 = ANY (families) AND target_id = $2 AND families[one] = $1)) AS minute,
                (SELECT min(lower(pending)) FROM roll_up_work
                 WHERE family = $1 AND level = 'hour' AND target_id = $2) AS hour, minutes_from, hours_from
            FROM metric_family WHERE family = $1
            """;

    private final Reader reader;

    Settling(Reader reader) {
        this.reader = reader;
    }

    /**
     * @param secondsAStep a length that all that is asked begins and ends with, but for the range's ends: roll-ups that are
     *     longer than it or go into it with a remainder are not read
     */
    Future<List<Part>> parts(Family family, int target, Range range, long secondsAStep) {
        var levels = new ArrayList<Level>();
        for (var level : List.of(Level.HOUR, Level.MINUTE)) {
            if (family.rolledUp() && secondsAStep % level.length().toSeconds() == 0) {
                levels.add(level);
            }
        }
        return levels.isEmpty()
                ? Future.succeededFuture(List.of(new Part(java.util.Optional.empty(), range)))
                : reader.read(CHANGED, Tuple.of(family.name(), target))
                        .map(rows ->
                                Part.cut(range, levels, settled(rows.iterator().next())));
    }

    private Part.Settled settled(Row row) {
        var minute = changed(row, "minute", 60);
        var hour = changed(row, "hour", 3_600);
        return new Part.Settled(
                new Range(from(row, "minutes_from"), minute),
                new Range(from(row, "hours_from"), minute.isBefore(hour) ? minute : hour));
    }

    private static Instant from(Row row, String column) {
        var from = row.getOffsetDateTime(column);
        return from == null ? Instant.MIN : from.toInstant();
    }

    private static Instant changed(Row row, String column, int seconds) {
        var number = row.getInteger(column);
        return number == null ? Instant.MAX : Instant.ofEpochSecond((long) number * seconds);
    }
}
