package org.pganalytics.collector;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pganalytics.database.TestDatabase;

/** A real database with a role that has pg_monitor and nothing else, and something in it to see. */
record WatchedServer(TestDatabase database) implements AutoCloseable {
    private static final String PASSWORD = "watching-is-all-it-may-do";

    static WatchedServer start(int major) {
        return in(TestDatabase.create(major));
    }

    /** The same on a server of the test's own. */
    static WatchedServer in(TestDatabase database) {
        database.executeAsSuperuser("""
                DO $$ BEGIN
                    CREATE ROLE watcher LOGIN PASSWORD '%s' IN ROLE pg_monitor;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$;
                CREATE EXTENSION pg_stat_statements;
                CREATE TABLE seen (id int PRIMARY KEY, payload text);
                INSERT INTO seen SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n;
                SELECT count(*) FROM seen;
                """.formatted(PASSWORD));
        return new WatchedServer(database);
    }

    TargetConfig target(String name, int connectionsMax) {
        var address = database.superuserAddress();
        return new TargetConfig(
                name,
                address.host(),
                address.port(),
                "watcher",
                PASSWORD,
                database.name(),
                List.of(database.name()),
                TargetTlsConfig.NONE,
                connectionsMax,
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                Map.of(),
                Set.of(),
                TargetSourcesConfig.POSTGRESQL);
    }

    @Override
    public void close() {
        database.close();
    }
}
