package org.pganalytics.storage.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.pganalytics.database.TestServer.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** A target has one number, for ever and on every server. */
class TargetsIT {
    private static final TablesConfig CONFIG =
            new TablesConfig(3, Duration.ofMinutes(10), Duration.ofSeconds(2), 10, 5, 100, 500);

    private final Vertx vertx = Vertx.vertx();
    private final UUID collector = UUID.randomUUID();
    private TestDatabase database;
    private Pool pool;

    @BeforeEach
    void create() {
        database = TestDatabase.create().migrated();
        pool = database.pool(vertx, 8);
        database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'test')".formatted(collector));
    }

    @AfterEach
    void close() {
        await(pool.close());
        database.close();
        await(vertx.close());
    }

    @Test
    void theSameNameHasTheSameNumberOnEveryServer() {
        var names = Set.of("db1", "db2", "näme 'quoted\"");
        var servers =
                IntStream.range(0, 4).mapToObj(i -> new Targets(pool, CONFIG)).toList();
        var answers =
                servers.stream().map(server -> server.resolve(collector, names)).toList();

        await(Future.all(answers));

        assertEquals(
                1, Set.copyOf(answers.stream().map(Future::result).toList()).size());
        assertEquals(names, answers.get(0).result().keySet());
        assertEquals(3, database.number("SELECT count(*) FROM target"));
    }

    @Test
    void whatIsKnownIsNotAskedAgainUntilForgotten() {
        var targets = new Targets(pool, CONFIG);
        int first = await(targets.resolve(collector, Set.of("db"))).get("db");
        database.execute("TRUNCATE target");
        assertEquals(first, await(targets.resolve(collector, Set.of("db"))).get("db"));

        targets.forget();

        assertNotEquals(first, await(targets.resolve(collector, Set.of("db"))).get("db"));
    }

    @Test
    void aCollectorCannotHaveMoreTargetsThanItMay() {
        var targets = new Targets(pool, CONFIG);
        var five = Set.of("1", "2", "3", "4", "5");
        await(targets.resolve(collector, five));
        var six = new TreeSet<>(five);
        six.add("6");

        var refused = assertThrows(FaultException.class, () -> await(targets.resolve(collector, six)));

        assertEquals(Fault.BAD_DATA, refused.fault());
        assertEquals(5, database.number("SELECT count(*) FROM target"));
        assertEquals(five, await(targets.resolve(collector, five)).keySet());
    }

    @Test
    void aCollectorThatDoesNotExistHasNoTargets() {
        var targets = new Targets(pool, CONFIG);
        var failure = assertThrows(PgException.class, () -> await(targets.resolve(UUID.randomUUID(), Set.of("db"))));
        assertEquals("23503", failure.getSqlState());
    }
}
