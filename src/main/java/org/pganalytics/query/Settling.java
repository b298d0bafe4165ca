package org.pganalytics.query;

import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.pganalytics.model.RollUp.Level;

/**
 * From where a range of a target's samples is best read: from the roll-ups, where these are as the rows are.
 *
 * @param settled of the family that was asked for
 */
record Settling(Part.Settled settled) {
    private static final List<Level> LEVELS = List.of(Level.HOUR, Level.TEN, Level.MINUTE);

    /**
     * The first minute, ten minutes and hour that are still to be rolled up, after rows came; null where none is. For the
     * family {@code $1} and the target {@code $2}; what else a row needs is of {@code metric_family}.
     */
    static final String COLUMNS = """
            least(
                (SELECT min(lower(pending)) FROM roll_up_work
                 WHERE family = $1 AND level = 'minute' AND target_id = $2),
                (SELECT min(minute) FROM roll_up_due CROSS JOIN LATERAL unnest(family_of, targets, minutes)
                     AS noted (one, target_id, minute)
                 WHERE $1 = ANY (families) AND $2 = ANY (targets) AND target_id = $2 AND families[one] = $1)) AS minute,
            (SELECT min(lower(pending)) FROM roll_up_work
             WHERE family = $1 AND level = 'ten' AND target_id = $2) AS ten,
            (SELECT min(lower(pending)) FROM roll_up_work
             WHERE family = $1 AND level = 'hour' AND target_id = $2) AS hour, minutes_from, tens_from, hours_from
            """;

    /** Of a row that has the columns and is the family's. */
    static Settling of(Row row) {
        var minute = changed(row, Level.MINUTE);
        var tens = row.getOffsetDateTime("tens_from");
        return new Settling(new Part.Settled(
                new Range(from(row, "minutes_from"), minute),
                tens == null
                        ? new Range(Instant.EPOCH, Instant.EPOCH)
                        : new Range(tens.toInstant(), earlier(minute, changed(row, Level.TEN))),
                new Range(from(row, "hours_from"), earlier(minute, changed(row, Level.HOUR)))));
    }

    /**
     * @param secondsAStep a length that all that is asked begins and ends with, but for the range's ends: roll-ups that are
     *     longer than it or go into it with a remainder are not read
     */
    List<Part> parts(Family family, Range range, long secondsAStep) {
        var levels = LEVELS.stream()
                .filter(level ->
                        family.rolledUp() && secondsAStep % level.length().toSeconds() == 0)
                .toList();
        return levels.isEmpty() ? List.of(new Part(Optional.empty(), range)) : Part.cut(range, levels, settled);
    }

    private static Instant from(Row row, String column) {
        var from = row.getOffsetDateTime(column);
        return from == null ? Instant.MIN : from.toInstant();
    }

    private static Instant changed(Row row, Level level) {
        var number = row.getInteger(level.word());
        return number == null ? Instant.MAX : Instant.EPOCH.plus(level.length().multipliedBy(number));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
