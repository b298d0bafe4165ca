package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.List;
import org.pganalytics.database.DatabaseAddress;

/** The database that the demo keeps busy, and the role that watches it. */
final class DemoDatabase {
    static final String MONITOR = "demo_monitor";
    private static final String NAME = "demo";

    private final Vertx vertx;
    private final DatabaseAddress superuser;

    DemoDatabase(Vertx vertx, DatabaseAddress superuser) {
        this.vertx = vertx;
        this.superuser = superuser;
    }

    /** @param monitorPassword hexadecimal digits, so that it needs no quoting */
    Future<Void> prepare(String monitorPassword) {
        return ask(superuser, "SELECT 1 FROM pg_database WHERE datname = '%s'".formatted(NAME))
                .compose(found -> found == 0 ? run(superuser, List.of("CREATE DATABASE " + NAME)) : done())
                .compose(made -> ask(superuser, "SELECT 1 FROM pg_roles WHERE rolname = '%s'".formatted(MONITOR)))
                .compose(found -> found == 0 ? run(superuser, List.of("CREATE ROLE " + MONITOR + " LOGIN")) : done())
                .compose(made -> run(
                        address(),
                        List.of(
                                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
                                "GRANT pg_monitor TO " + MONITOR,
                                "GRANT SELECT ON pg_hba_file_rules TO " + MONITOR,
                                "GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO " + MONITOR,
                                "ALTER ROLE %s PASSWORD '%s'".formatted(MONITOR, monitorPassword))));
    }

    DatabaseAddress address() {
        return superuser.withDatabase(NAME);
    }

    private static Future<Void> done() {
        return Future.succeededFuture();
    }

    private Future<Integer> ask(DatabaseAddress where, String query) {
        return PgConnection.connect(vertx, where.connectOptions())
                .compose(connection -> connection
                        .query(query)
                        .execute()
                        .map(rows -> rows.size())
                        .eventually(connection::close));
    }

    /** On a connection of its own that closes at once: no password stays in pg_stat_activity. */
    private Future<Void> run(DatabaseAddress where, List<String> statements) {
        return PgConnection.connect(vertx, where.connectOptions()).compose(connection -> {
            Future<Void> all = done();
            for (var statement : statements) {
                all = all.compose(next -> connection.query(statement).execute().mapEmpty());
            }
            return all.eventually(connection::close);
        });
    }
}
