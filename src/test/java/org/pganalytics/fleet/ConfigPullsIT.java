package org.pganalytics.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.database.TestDatabase;

/** What an operator sees of collectors that ask for their configuration. */
class ConfigPullsIT {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private double pulls(String outcome) {
        return meters.get("pganalytics.fleet.config.pulls")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double behind() {
        return meters.get("pganalytics.fleet.collectors.behind").gauge().value();
    }

    @Test
    void pullsAndThoseWhoAreBehindAreCounted() {
        var vertx = Vertx.vertx();
        try (var database = TestDatabase.create().migrated()) {
            var pool = database.pool(vertx, 2);
            var office = new ConfigOffice(pool, FleetConfig.defaults(), meters);
            var collector = UUID.randomUUID();
            database.execute("INSERT INTO collector (collector_id, name) VALUES ('%s', 'c')".formatted(collector));
            done(office.handout(collector, Set.of()));
            assertEquals(1, pulls("none"));
            assertEquals(0, behind());

            var profiles = new Profiles(pool, new AuditTrail(), text -> Future.succeededFuture("{}"));
            var version = done(profiles.add("base", "one", "", "me"));
            var all = new Assignments.RollOut("base", 1, Selector.parse(""), OptionalInt.empty(), 100);
            done(new Assignments(pool, new AuditTrail()).assign(all, "me"));
            office.changed("");
            Awaitility.await().until(() -> behind() == 1);
            done(office.handout(collector, Set.of()));
            assertEquals(1, pulls("given"));
            assertEquals(1, behind(), "handed out is not running");

            done(office.report(collector, new ConfigReport("", version.tag(), "cannot", Set.of())));
            assertEquals(1, behind(), "nor is refused");
            done(office.report(collector, new ConfigReport(version.tag(), "", "", Set.of())));
            assertEquals(0, behind());
            done(office.handout(collector, Set.of(version.tag())));
            assertEquals(1, pulls("unchanged"));
            assertEquals(0, pulls("failed"));
            done(pool.close());
            done(office.handout(collector, Set.of()).otherwiseEmpty());
            assertEquals(1, pulls("failed"));
        } finally {
            done(vertx.close());
        }
    }
}
