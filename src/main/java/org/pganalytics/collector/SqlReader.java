package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.collector.Condition.Unreadable;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Scope;

/** Asks a PostgreSQL server, in its main database or in each one that is watched. */
final class SqlReader implements FamilyReader {
    private final TargetConfig config;
    private final ConnectionLanes lanes;
    private final DictionaryReader dictionaries;
    private final Outlet outlet;
    private final Clock clock;
    private final EachDatabase eachDatabase = new EachDatabase(System::nanoTime);
    private int version;
    private String run = "";
    private Runnable onAnother = () -> {};

    SqlReader(TargetConfig config, ConnectionLanes lanes, List<MetricFamily> families, Outlet outlet, Clock clock) {
        this.config = config;
        this.lanes = lanes;
        this.outlet = outlet;
        this.clock = clock;
        this.dictionaries = new DictionaryReader(config, families, clock);
    }

    /** What else is to be done when another server, or the same after a restart, is met. */
    void onAnother(Runnable action) {
        onAnother = action;
    }

    /** {@code server_version_num}; 0 until it first answered. */
    int version() {
        return version;
    }

    @Override
    public Future<Condition> read(MetricFamily family) {
        return family.scope() == Scope.CLUSTER
                ? read(family, config.database()).map(Condition.OK)
                : readEverywhere(family);
    }

    private Future<Void> read(MetricFamily family, String database) {
        return lanes.use(database, session -> collect(session, family, database));
    }

    private Future<Condition> readEverywhere(MetricFamily family) {
        return Databases.watched(lanes, config)
                .compose(names -> eachDatabase.read(
                        family.name(), names, name -> read(family, name).recover(this::droppedMeanwhile)));
    }

    /** A database that was found a moment ago and is gone is no error; one that the configuration names is. */
    private Future<Void> droppedMeanwhile(Throwable failure) {
        boolean gone = failure instanceof PgException refused && "3D000".equals(refused.getSqlState());
        return gone && config.databases().isEmpty() ? Future.succeededFuture() : Future.failedFuture(failure);
    }

    private Future<Void> collect(TargetSession session, MetricFamily family, String database) {
        meet(session);
        var statement = family.statementFor(session.major());
        if (statement.isEmpty()) {
            return Future.failedFuture(
                    new Unreadable(State.UNSUPPORTED, "it has no SQL for PostgreSQL " + session.major()));
        }
        if (!session.has(statement.get().extension())) {
            return Future.failedFuture(new Unreadable(
                    State.MISSING,
                    "the extension %s is not installed in database %s: CREATE EXTENSION %s there, or skip the family"
                            .formatted(
                                    statement.get().extension(),
                                    database,
                                    statement.get().extension())));
        }
        long atMicros = clock.millis() * 1000;
        var parts = new ArrayList<ColumnBlock>();
        return session.read(
                        statement.get().sql(),
                        Tuple.tuple(),
                        rows -> FamilyRows.block(family.schema(), config.name(), atMicros, rows)
                                .ifPresent(parts::add))
                .compose(read -> outlet.join(parts))
                .compose(found -> take(session, family, database, found));
    }

    /** Another run of the server, or another server behind the address: what was sent before says nothing of it. */
    private void meet(TargetSession session) {
        version = session.versionNumber();
        if (!session.run().equals(run)) {
            outlet.forget();
            dictionaries.forget();
            eachDatabase.forget();
            run = session.run();
            onAnother.run();
        }
    }

    private Future<Void> take(
            TargetSession session, MetricFamily family, String database, Optional<ColumnBlock> found) {
        return outlet.give(family, database, found)
                .compose(given -> found.isEmpty()
                        ? Future.succeededFuture()
                        : dictionaries.read(session, found.get(), outlet::add));
    }

    @Override
    public void forget() {
        dictionaries.forget();
    }

    @Override
    public Future<Void> close() {
        return lanes.close();
    }
}
