package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * A family that an operator adds as one file is collected and stored, also by a server that has no such file; what the role
 * may not read holds nothing up.
 */
class OwnFamilyIT {
    private static final String OWN = """
            family = shop_orders
            title = "One row a state of orders: how many there are"
            interval = 1s
            columns = [
              { name = state, type = text, role = key }
              { name = orders, type = int8, role = gauge }
            ]
            sql = [ { from = 14, sql = "select o.state, count(*) as orders from public.orders o group by 1" } ]
            """;
    private static final String OF_EACH_DATABASE = OWN.replace(
                    "family = shop_orders", "family = shop_of_database, scope = database")
            .replace("select o.state", "select current_database()::text as state");
    private static final List<String> SHIPPED = List.of("collector_family_status", "pg_hba_file_rules", "pg_wal_files");

    @Test
    void aFileIsEnoughAndAMissingPrivilegeIsStored() throws Exception {
        var data = Program.folder("own-family");
        var families = Files.createDirectories(data.resolveSibling("families"));
        for (var name : SHIPPED) {
            Files.copy(Path.of("conf/families", name + ".conf"), families.resolve(name + ".conf"));
        }
        Files.writeString(families.resolve("shop_orders.conf"), OWN);
        Files.writeString(families.resolve("shop_of_database.conf"), OF_EACH_DATABASE);
        Files.writeString(
                families.resolve("no_such_view.conf"),
                OWN.replace("shop_orders", "no_such_view").replace("public.orders", "public.nothing"));
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET",
                "a secret for agents",
                "PGANALYTICS_FAMILIES_DIR",
                families.toString());
        try (var server = Program.start(data, environment, "serve").untilReady();
                var other = beside(server)) {
            try (var connection = server.database();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE public.orders AS SELECT 'open' AS state FROM generate_series(1, 3);"
                        + "CREATE ROLE plain LOGIN PASSWORD 'without_pg_monitor'; GRANT SELECT ON orders TO plain");
            }
            var config = data.resolveSibling("collector.conf");
            Files.writeString(config, config(server, other, data));
            try (var agent = Program.start(
                    data, Map.of(), "collect", "--config", config.toString(), "--families", families.toString())) {
                until(server, 3, "SELECT max(orders) FROM metrics.shop_orders WHERE state = 'open'");
                until(server, 2, "SELECT count(DISTINCT time) FROM metrics.shop_orders");
                until(server, 1, condition("pg_hba_file_rules", "denied", "42501"));
                until(server, 1, condition("pg_wal_files", "denied", "42501"));
                until(server, 1, condition("no_such_view", "missing", "42P01"));
                until(server, 1, condition("shop_orders", "ok", null));
                whatOnlyOneDatabaseHasIsReadThere(server, agent);
                assertEquals(0, server.number("SELECT count(*) FROM quarantine"));
                assertEquals(1, timesSaid(agent, "permission denied for view pg_hba_file_rules"), "said once");
                aFamilyThatComesWhileAllRunsIsStored(families, server, agent);
            }
        }
    }

    /** With the families that are shipped; the collector comes to this one. */
    private static Program beside(Program server) throws Exception {
        var ports = server.ports();
        var environment = Map.of(
                "PGANALYTICS_REGISTRATION_SECRET", "a secret for agents",
                "PGANALYTICS_DATABASE_URL", ports.getString("database_url"),
                "PGANALYTICS_DATABASE_PASSFILE", ports.getString("database_passfile"));
        return Program.start(Program.folder("own-family-beside"), environment, "serve")
                .untilReady();
    }

    /** The table is in pganalytics, and not in postgres. */
    private static void whatOnlyOneDatabaseHasIsReadThere(Program server, Program agent) throws Exception {
        var lacking = condition("shop_of_database", "missing", "42P01")
                + " AND message LIKE 'it is not read in database postgres: %public.orders%'";
        until(server, 1, lacking);
        until(server, 5, "SELECT count(DISTINCT time) FROM metrics.shop_of_database WHERE state = 'pganalytics'");
        assertEquals(0, server.number("SELECT count(*) FROM metrics.shop_of_database WHERE state = 'postgres'"));
        assertEquals(1, timesSaid(agent, "it is not read in database postgres"), "said once");
    }

    private static long timesSaid(Program program, String words) throws IOException {
        return program.output().lines().filter(line -> line.contains(words)).count();
    }

    /** All or nothing: while one file is wrong, none is taken. */
    private static void aFamilyThatComesWhileAllRunsIsStored(Path families, Program server, Program agent)
            throws Exception {
        Files.writeString(families.resolve("shop_later.conf"), OWN.replace("shop_orders", "shop_later"));
        var wrong = Files.writeString(families.resolve("wrong.conf"), "family = wrong, interval = never");
        server.signal("HUP");
        untilSaid(server, "reload: nothing was changed, the configuration is wrong");
        assertEquals(0, server.number("SELECT count(*) FROM pg_tables WHERE tablename = 'shop_later'"));
        Files.delete(wrong);
        server.signal("HUP");
        untilSaid(server, "reload: applied family shop_later is new");
        untilSaid(server, "reload: the tables of");
        agent.signal("HUP");
        until(server, 3, "SELECT max(orders) FROM metrics.shop_later WHERE state = 'open'");
        assertEquals(0, server.number("SELECT count(*) FROM quarantine"));
    }

    private static void untilSaid(Program program, String line) {
        Awaitility.await(line)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> program.output().contains(line));
    }

    private static String condition(String family, String state, String sqlState) {
        return "SELECT count(*) FROM metrics.collector_family_status WHERE family = '%s' AND state = '%s' AND sqlstate %s"
                .formatted(family, state, sqlState == null ? "IS NULL" : "= '" + sqlState + "'");
    }

    private static String config(Program server, Program door, Path data) {
        return """
                name = "own"
                state.dir = "%s"
                registration.secret = "a secret for agents"
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = %d } ]
                targets = [ { name = "main", host = "127.0.0.1", port = %s, user = "plain", password = "without_pg_monitor",
                              database = "pganalytics", sslmode = disable } ]
                """.formatted(
                        data.resolveSibling("state"),
                        door.port("tcp"),
                        door.port("http"),
                        server.ports().getString("database_url").replaceAll(".*:([0-9]+)/.*", "$1"));
    }

    private static void until(Program server, long wanted, String query) {
        Awaitility.await(query)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> server.number(query) >= wanted);
    }
}
