package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent in a process of its own takes a profile, and is rolled back. */
class PulledProcessIT {
    private static final String NAME = "process";

    @TempDir
    private Path folder;

    private Path config(PullHouse house, Path state) throws Exception {
        var target = house.first.database.superuserAddress();
        return Files.writeString(folder.resolve("collector.conf"), """
                name = "%1$s", state.dir = "%2$s", registration.secret = "%3$s", cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %4$d, http-port = 0 } ]
                targets = [ { name = "%1$s", host = "%5$s", port = %6$d, user = "%7$s", password = "%8$s",
                    sslmode = disable, intervals { pg_locks = 1d } } ]
                """.formatted(
                        NAME,
                        state,
                        ApiServer.SECRET,
                        house.first.server.ports().getInteger("tcp"),
                        target.host(),
                        target.port(),
                        target.user(),
                        target.password()));
    }

    @Test
    void aProfileIsTakenAndRolledBackWithoutARestart() throws Exception {
        try (var house = new PullHouse(folder.resolve("second"))) {
            var data = Program.folder("pulled-process");
            var state = data.resolveSibling("agent");
            var seldom =
                    house.add(NAME, "intervals { %s = 1d }, skip = [ pg_stat_database ]".formatted(PullHouse.FAMILY));
            var often = house.add(NAME, "intervals { %s = 1s }".formatted(PullHouse.FAMILY));
            try (var agent = Program.start(
                    data, Map.of(), "collect", "-c", config(house, state).toString())) {
                PullHouse.until("the first row").until(() -> house.rows(NAME) >= 1);
                house.assign(NAME, 1, "");
                house.untilRunning(NAME, seldom);
                house.assign(NAME, 2, "");
                house.untilRunning(NAME, often);
                long before = house.rows(NAME);
                PullHouse.until("it is read every second").until(() -> house.rows(NAME) >= before + 4);
                house.post(200, "rollBackProfile", new JsonObject().put("selector", ""), "profile", NAME);
                house.untilRunning(NAME, seldom);
                assertTrue(Files.readString(state.resolve("server-config.json")).contains(seldom));
                agent.signal("TERM");
                assertEquals(143, agent.waitFor(Duration.ofSeconds(60)), "ended by SIGTERM");
            }
        }
    }
}
