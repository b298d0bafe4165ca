package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.pganalytics.model.RollUp.Level;

/** Finds out from where a range of a target's samples is best read: from the roll-ups, where these are as the rows are. */
final class Settling {
    /**
     * The first minute and hour that are still to be rolled up, after rows came; null where none is. Within the range of
     * times that both this program and PostgreSQL know.
     */
    private static final String CHANGED = """
            SELECT least(
                (SELECT min(lower(pending)) FROM roll_up_work
                 WHERE family = $1 AND level = 'minute' AND target_id = $2),
                (SELECT min(minute) FROM roll_up_due CROSS JOIN LATERAL unnest(family_of, targets, minutes)
                     AS noted (one, target_id, minute)
                 WHERE $1 = ANY (families) AND target_id = $2 AND families[one] = $1)) AS minute,
                (SELECT min(lower(pending)) FROM roll_up_work
                 WHERE family = $1 AND level = 'hour' AND target_id = $2) AS hour
            """;

    private final Reader reader;
    private final Supplier<Kept> kept;
    private final Clock clock;

    Settling(Reader reader, Supplier<Kept> kept, Clock clock) {
        this.reader = reader;
        this.kept = kept;
        this.clock = clock;
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
                                Part.cut(range, levels, settled(rows.iterator().next()), kept.get()));
    }

    private Part.Settled settled(Row row) {
        return new Part.Settled(clock.instant(), changed(row, "minute", 60), changed(row, "hour", 3_600));
    }

    private static Instant changed(Row row, String column, int seconds) {
        var number = row.getInteger(column);
        return number == null ? Instant.MAX : Instant.ofEpochSecond((long) number * seconds);
    }
}
