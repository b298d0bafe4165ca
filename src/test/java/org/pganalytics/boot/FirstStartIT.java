package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.database.TestDatabase;

/** What opens the API on a new database, made by one server, however many start. */
class FirstStartIT {
    @Test
    void serversSideBySideMakeOneTokenAndOneCode() throws Exception {
        try (var database = TestDatabase.create().migrated()) {
            var vertx = Vertx.vertx();
            var config = ServerConfigFile.load(
                    null, Map.of("PGANALYTICS_DATABASE_URL", database.address().url()));
            var pool = PgBuilder.pool()
                    .connectingTo(PgConnectOptions.fromUri(database.address().url())
                            .setPassword(database.address().password()))
                    .with(new PoolOptions().setMaxSize(8))
                    .using(vertx)
                    .build();
            var made = IntStream.range(0, 8)
                    .mapToObj(server -> new Identity(
                                    new Identity.House(vertx, pool),
                                    Optional.empty(),
                                    config.identity(),
                                    new AuditTrail(),
                                    Clock.systemUTC())
                            .first())
                    .toList();
            var firsts = made.stream()
                    .map(first -> Await.result(first, Duration.ofSeconds(30), "the first start"))
                    .toList();
            assertEquals(
                    1,
                    firsts.stream()
                            .filter(first -> first.adminToken().isPresent())
                            .count());
            assertEquals(
                    1,
                    firsts.stream()
                            .filter(first -> first.adminCode().isPresent())
                            .count());
            Await.result(vertx.close(), Duration.ofSeconds(30), "the end");
        }
    }
}
