package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.database.TestDatabase;

/** What {@code collect --check} finds at real targets, and that its remedies are the right ones. */
class CollectCheckIT {
    private static final Path FAMILIES = Path.of("conf/families");

    @TempDir
    Path folder;

    private static TestDatabase database;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.executeAsSuperuser("""
                DO $$ BEGIN
                    CREATE ROLE check_monitor LOGIN PASSWORD 'right-one' IN ROLE pg_monitor;
                    CREATE ROLE "check ""none" LOGIN PASSWORD 'right-one';
                EXCEPTION WHEN duplicate_object THEN NULL;
                END $$""");
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    private static String target(String name, String user, String password, String more) {
        var address = database.superuserAddress();
        return """
                { name = %s, host = "127.0.0.1", port = %d, user = %s, password = "%s"
                  database = "%s", databases = [ "%s" ]
                  sslmode = disable, statement-timeout = 10s, %s }
                """.formatted(name, address.port(), user, password, address.database(), address.database(), more);
    }

    private static String config(String... targets) {
        return "link.connect-timeout = 2s, registration.secret = a-registration-secret, targets = [ %s ]"
                .formatted(String.join("\n", targets));
    }

    private static String check(boolean json, Path families, String... targets) {
        var out = new StringWriter();
        new CollectCheck(CollectorConfigFile.of(config(targets)), FamilyFiles.load(families))
                .run(new PrintWriter(out), json);
        return out.toString();
    }

    private static JsonObject finding(String told, String subject) {
        return ServerCheckIT.finding(told, "targets", subject);
    }

    @Test
    void whatIsMissingIsTheRemedyThatMendsIt() {
        var target = target("a", "check_monitor", "right-one", "skip = []");
        var before = finding(check(true, FAMILIES, target), "pg_stat_statements");
        assertEquals("warning", before.getString("level"));
        assertTrue(before.getString("remedy").endsWith("CREATE EXTENSION \"pg_stat_statements\""), before::encode);

        database.executeAsSuperuser(before.getString("remedy").replaceFirst(".*: ", ""));
        var after = check(true, FAMILIES, target);
        assertEquals("ok", finding(after, "pg_stat_statements").getString("level"), after);
        assertEquals("ok", finding(after, "privileges").getString("level"), after);
        database.executeAsSuperuser("DROP EXTENSION pg_stat_statements");
    }

    @Test
    void whatPgMonitorMayNotReadIsToldTheGrantsThatSuffice() {
        var target = target("a", "check_monitor", "right-one", "");
        var remedy = finding(check(true, FAMILIES, target), "pg_hba_file_rules").getString("remedy");
        var grants = remedy.substring(0, remedy.indexOf("; or "));

        database.executeAsSuperuser(grants);
        var after = finding(check(true, FAMILIES, target), "pg_hba_file_rules");
        assertEquals("ok", after.getString("level"), after::encode);
        database.executeAsSuperuser(grants.replace("GRANT", "REVOKE").replace(" TO ", " FROM "));
    }

    @Test
    void aRoleWithoutPrivilegesIsToldTheGrant() {
        var told = check(true, FAMILIES, target("a", "\"check \\\"none\"", "right-one", ""));
        assertFalse(new JsonObject(told).getBoolean("ok"));
        assertEquals("problem", finding(told, "privileges").getString("level"));
        assertEquals(
                "GRANT pg_monitor TO \"check \"\"none\"",
                finding(told, "privileges").getString("remedy"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            check_monitor | wrong |  | password authentication failed | ALTER ROLE "check_monitor" PASSWORD
            nobody_at_all | wrong |  | nobody_at_all | PASSWORD '…'
            check_monitor | right-one | database = nowhere | does not exist | name an existing database
            check_monitor | right-one | port = CLOSED | Connection refused | start the server, mend host and port
            check_monitor | right-one | sslmode = require | SSL | ssl = on
            """)
    void aTargetThatCannotBeReachedIsToldWhy(String user, String password, String more, String message, String remedy)
            throws Exception {
        String closed;
        try (var socket = new ServerSocket(0)) {
            closed = Integer.toString(socket.getLocalPort());
        }
        var changed = more == null ? "" : more.replace("CLOSED", closed);
        var reachable = finding(check(true, FAMILIES, target("a", user, password, changed)), "reachable");
        assertEquals("problem", reachable.getString("level"));
        assertTrue(reachable.getString("message").contains(message), reachable::encode);
        assertTrue(reachable.getString("remedy").contains(remedy), reachable::encode);
        assertFalse(reachable.encode().contains("right-one"));
    }

    @Test
    void aFamilyThatIsDeniedIsToldTheGrantAndNothingIsExecuted() throws Exception {
        database.executeAsSuperuser("""
                CREATE TABLE secret_one (id int);
                CREATE FUNCTION endless() RETURNS int8 LANGUAGE plpgsql AS 'BEGIN LOOP END LOOP; END';
                REVOKE ALL ON secret_one FROM public""");
        family("denied", "select count(*) as n from public.secret_one");
        family("slow", "select public.endless() as n");
        family("broken", "select n from public.gone");
        var told = check(true, folder, target("a", "check_monitor", "right-one", ""));
        assertTrue(finding(told, "denied")
                .getString("remedy")
                .contains("GRANT SELECT ON secret_one TO \"check_monitor\""));
        assertEquals("warning", finding(told, "denied").getString("level"), told);
        assertEquals("ok", finding(told, "slow").getString("level"), "it is explained, not run");
        assertEquals("problem", finding(told, "broken").getString("level"), told);
        assertTrue(finding(told, "broken").getString("remedy").contains("skip = ["), told);
    }

    @Test
    void aServerThatNoFamilyHasAnythingForIsAProblem() throws Exception {
        family("later", 99, "select 1 as n");
        var told = check(true, folder, target("a", "check_monitor", "right-one", ""));
        assertEquals("problem", finding(told, "version").getString("level"), told);
    }

    @Test
    void theGrantOfTheReadmeIsEnough() throws Exception {
        var grant = "GRANT pg_monitor TO ";
        assertTrue(Files.readString(Path.of("README.md")).contains(grant + "pganalytics_monitor\""), "the grant");
        try (var door = FakeDoor.open(new ArrayList<>())) {
            var file = Files.writeString(
                    folder.resolve("collector.conf"),
                    door.servers() + "\n" + config(target("good", "check_monitor", "right-one", "")));
            var said = exitsWell("collect", "--check", "--config=" + file);
            assertTrue(said.contains("ok       privileges: check_monitor has pg_monitor"), said);
            assertTrue(said.contains("warning  pg_hba_file_rules: "), said);
            assertTrue(said.contains("warning  pg_stat_statements: "), said);
            assertTrue(said.contains("CREATE EXTENSION \"pg_stat_statements\""), said);
            assertFalse(said.contains("problem "), said);
            assertTrue(said.contains("\ncollecting works; "), said);
        }
    }

    private void family(String name, String sql) throws Exception {
        family(name, 14, sql);
    }

    private void family(String name, int from, String sql) throws Exception {
        Files.writeString(folder.resolve(name + ".conf"), """
                family = %s, title = "none", columns = [ { name = n, type = int8, role = gauge } ]
                sql = [ { from = %d, sql = "%s" } ]
                """.formatted(name, from, sql));
    }

    @Test
    void thePersonSeesEveryTargetAndTheExitCodeSaysIt() throws Exception {
        var good = target("good", "check_monitor", "right-one", "");
        var file = Files.writeString(
                folder.resolve("collector.conf"), config(good, target("bad", "check_monitor", "wrong", "")));
        Files.createDirectory(folder.resolve("families"));
        Files.copy(FAMILIES.resolve("server.conf"), folder.resolve("families/server.conf"));
        var arguments =
                new String[] {"collect", "--check", "--config=" + file, "--families=" + folder.resolve("families")};
        try (var command = Program.start(Program.folder("check"), Map.of(), arguments)) {
            assertEquals(1, command.waitFor(Duration.ofSeconds(60)), command.output());
            var said = command.output();
            assertTrue(said.contains("ok       server: can be read"), said);
            assertTrue(said.contains("problem  reachable: "), said);
            assertTrue(said.contains("remedy: set the right password"), said);
            assertFalse(said.contains("right-one"), said);
        }
        try (var door = FakeDoor.open(new ArrayList<>())) {
            Files.writeString(file, door.servers() + "\n" + config(good));
            exitsWell(arguments);
        }
    }

    private static String exitsWell(String... arguments) throws Exception {
        try (var command = Program.start(Program.folder("check"), Map.of(), arguments)) {
            assertEquals(0, command.waitFor(Duration.ofSeconds(60)), command.output());
            return command.output();
        }
    }
}
