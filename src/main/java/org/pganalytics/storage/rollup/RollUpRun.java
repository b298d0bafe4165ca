package org.pganalytics.storage.rollup;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.pganalytics.model.RollUp.Level;
import org.pganalytics.storage.rollup.Work.Portion;
import org.pganalytics.storage.tables.RollUpConfig;
import org.pganalytics.storage.tables.RollUpTables;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rolls up what is due, on one connection, one portion of one family after the other.
 *
 * <p>A portion is one transaction: the work is taken away, its rows are made anew from the rows below, the old ones are
 * swapped for them. Whatever ends it in the middle leaves all of it to be done.
 */
final class RollUpRun {
    private static final Logger LOG = LoggerFactory.getLogger(RollUpRun.class);
    /** "roll" in ASCII, so that no other user of advisory locks takes the same. */
    private static final int LOCK_CLASS = 0x726f6c6c;

    private static final int NOTES_AT_ONCE = 1_000;
    private static final int GATHERINGS_MAX = 100;
    /** One portion of so many is for those who wait longest, the others are for who has new minutes. */
    private static final int OLDEST_EVERY = 4;
    /** Then the other families have their turn. */
    private static final int PORTIONS_A_TURN = 20;

    /**
     * What compiles a wide statement takes longer than it runs; sorts of a portion fit into memory. Tens are noted with the
     * hours by this version, for that before a trigger does it.
     */
    private static final String BEGIN =
            "SET LOCAL jit = off; SET LOCAL work_mem = '32MB'; SET LOCAL pganalytics.tens = 'noted'";

    private final SqlConnection connection;
    private final RollUpConfig config;
    private final Vertx vertx;
    private final RollUpPace pace;
    private final RollUpMeters meters;
    private Instant now;
    private int portions;

    /** What it works with. */
    record Parts(Vertx vertx, RollUpPace pace, RollUpMeters meters) {}

    RollUpRun(SqlConnection connection, RollUpConfig config, Parts parts) {
        this.connection = connection;
        this.config = config;
        this.vertx = parts.vertx();
        this.pace = parts.pace();
        this.meters = parts.meters();
    }

    /** @return whether more is due already */
    Future<Boolean> run() {
        return connection
                .query("SELECT now()")
                .execute()
                .onSuccess(rows ->
                        now = rows.iterator().next().getOffsetDateTime(0).toInstant())
                .compose(known -> RolledFamily.all(connection))
                .compose(this::turns)
                .compose(more -> FleetMinutes.clear(connection).map(more));
    }

    /** All that was noted: whoever reads looks through what is not gathered yet. */
    private Future<Void> gather(int left) {
        return Work.gather(connection, NOTES_AT_ONCE)
                .compose(gathered ->
                        gathered < NOTES_AT_ONCE || left == 1 ? Future.<Void>succeededFuture() : gather(left - 1));
    }

    private Future<Boolean> turns(List<RolledFamily> families) {
        var run = gather(GATHERINGS_MAX).map(false);
        for (var family : pace.order(families)) {
            run = run.compose(sofar -> turn(family).map(more -> sofar || more));
        }
        return run;
    }

    private Future<Boolean> turn(RolledFamily family) {
        if (pace.isOver(family)) {
            return Future.succeededFuture(true);
        }
        var turn = gather(GATHERINGS_MAX).compose(gathered -> compare(family)).map(false);
        for (var level : pace.levels(family)) {
            turn = turn.compose(sofar ->
                    portions(new Turn(family, level, false), PORTIONS_A_TURN).map(more -> sofar || more));
        }
        return turn;
    }

    private Future<Void> compare(RolledFamily family) {
        return Comparison.run(connection, family)
                .onSuccess(meters::missed)
                .onSuccess(missed -> {
                    if (missed > 0) {
                        LOG.info(
                                "{}: {} minutes have rows that nobody noted, they are rolled up",
                                family.name(),
                                missed);
                    }
                })
                .<Void>mapEmpty()
                .recover(failure -> {
                    meters.failed();
                    LOG.warn("{} cannot be compared with its roll-ups: {}", family.name(), failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    /** A family's turn. @param careful one target at a time, until it is known which one fails */
    private record Turn(RolledFamily family, Level level, boolean careful) {
        Turn after(Spans failed) {
            return new Turn(family, level, failed.targets().size() > 1);
        }
    }

    private Future<Boolean> portions(Turn turn, int left) {
        if (left == 0 || pace.isOver(turn.family(), turn.level())) {
            return Future.succeededFuture(true);
        }
        return portion(turn)
                .compose(next -> next.done() ? Future.succeededFuture(false) : portions(next.turn(), left - 1));
    }

    private record Next(Turn turn, boolean done) {}

    private Future<Next> portion(Turn turn) {
        var taken = new Spans[1];
        long began = pace.now();
        return connection
                .begin()
                .compose(tx -> rollUp(turn, taken)
                        .compose(done -> tx.commit().map(new Next(turn, done)))
                        .onSuccess(next -> pace.succeeded(turn.family(), turn.level(), targets(taken[0])))
                        .recover(failure -> {
                            pace.failed(turn.family(), turn.level(), targets(taken[0]));
                            return undone(tx, failure).compose(undone -> afterwards(turn, taken[0], failure));
                        }))
                .compose(next -> next.done()
                        ? Future.succeededFuture(next)
                        : pause(turn, taken[0], began).map(next));
    }

    private Future<Void> pause(Turn turn, Spans taken, long began) {
        var pause = pace.took(turn.family(), turn.level(), taken.targets().size(), began, config.share());
        return pause.toMillis() == 0
                ? Future.succeededFuture()
                : vertx.timer(pause.toMillis()).mapEmpty();
    }

    private static Set<Integer> targets(Spans taken) {
        return taken == null ? Set.of() : taken.targets();
    }

    private static Future<Void> undone(Transaction tx, Throwable failure) {
        return tx.rollback().recover(broken -> Future.failedFuture(failure));
    }

    private Future<Next> afterwards(Turn turn, Spans taken, Throwable failure) {
        meters.failed();
        LOG.warn(
                "{}s of {} are not rolled up{}: {}",
                turn.level().word(),
                turn.family().name(),
                taken == null ? "" : ", targets " + taken.targets(),
                failure.getMessage());
        return Future.succeededFuture(taken == null ? new Next(turn, true) : new Next(turn.after(taken), false));
    }

    /** @param taken gets what was taken @return whether there was nothing */
    private Future<Boolean> rollUp(Turn turn, Spans[] taken) {
        var portion = new Portion(
                turn.careful() ? 1 : pace.targets(turn.family(), turn.level(), config.targetsAtOnce()),
                config.minutesAtOnce(),
                config.grace(),
                ++portions % OLDEST_EVERY != 0);
        return connection
                .query(BEGIN)
                .execute()
                .compose(set -> connection
                        .preparedQuery("SELECT pg_advisory_xact_lock($1, hashtext($2))")
                        .execute(Tuple.of(LOCK_CLASS, turn.family().name())))
                .compose(locked ->
                        Work.take(connection, turn.family(), turn.level(), horizon(turn), portion, resting(turn)))
                .onSuccess(spans -> taken[0] = spans)
                .compose(spans -> rollUp(turn, spans).map(spans.isEmpty()));
    }

    private Set<Integer> resting(Turn turn) {
        return pace.resting(turn.family(), turn.level());
    }

    private Future<Void> rollUp(Turn turn, Spans spans) {
        if (spans.isEmpty()) {
            return Future.succeededFuture();
        }
        return turn.level() != Level.MINUTE
                ? swap(turn.family(), spans)
                : Work.withSuccessors(connection, turn.family(), spans)
                        .map(all -> all.wholeHoursBefore(
                                minutesKept(turn.family()), turn.family().lookBack()))
                        .compose(all -> minutes(turn.family(), all));
    }

    /** They may have been kept for a shorter time before. */
    private Instant minutesKept(RolledFamily family) {
        var since = now.minus(config.minuteRetention());
        return family.minutesFrom().isAfter(since) ? family.minutesFrom() : since;
    }

    private Future<Void> minutes(RolledFamily family, Spans spans) {
        return swap(family, spans)
                .compose(swapped -> FleetMinutes.make(connection, family, spans))
                .compose(made ->
                        family.tens() ? Work.add(connection, family, Level.TEN, spans) : Future.<Void>succeededFuture())
                .compose(added -> Work.add(connection, family, Level.HOUR, spans));
    }

    private Future<Void> swap(RolledFamily family, Spans spans) {
        var level = spans.level();
        var sql = new RollUpSql(family);
        var lookBack = level == Level.MINUTE ? family.lookBack().plus(RollUpSql.NEAR_BEFORE) : Duration.ZERO;
        return RollUpTables.ensure(connection, level, family.name(), spans.days())
                .compose(ready -> connection.preparedQuery(sql.remove(level)).execute(spans.bind(Duration.ZERO)))
                .compose(removed -> connection
                        .preparedQuery(level == Level.MINUTE ? sql.minutes() : sql.longer(level))
                        .execute(spans.bind(lookBack)))
                .onSuccess(inserted -> meters.rolledUp(level, inserted.rowCount()))
                .mapEmpty();
    }

    /** Minutes that are over, a family's step of them; and what is longer, whose minutes are through by then. */
    private int horizon(Turn turn) {
        long minute = now.minus(config.grace()).getEpochSecond() / 60;
        int every = turn.family().everyMinutes();
        return Math.toIntExact(
                turn.level() == Level.MINUTE
                        ? minute / every * every
                        : (minute - every) / turn.level().length().toMinutes());
    }
}
