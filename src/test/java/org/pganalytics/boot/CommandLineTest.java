package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says without a server: help, usage errors, and what is wrong in a configuration. */
class CommandLineTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "collect",
                "demo",
                "load",
                "migrate",
                "config",
                "config check",
                "collector",
                "collector register",
                "collector list",
                "collector revoke"
            })
    void everyCommandExplainsItself(String command) {
        assertEquals(0, run((command + " --help").strip().split(" ")), err::toString);

        var help = out.toString();
        assertTrue(help.startsWith(("Usage: pganalytics " + command).strip()), help);
        assertTrue(help.contains("--help"), help);
    }

    @Test
    void theVersionIsTold() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().startsWith("pganalytics "), out::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sevre",
                "serve --typo",
                "serve extra",
                "config",
                "collector",
                "collector register",
                "collector revoke",
                "collector revoke not-a-uuid",
                "load",
                "load --server=nowhere --registration-secret=0123456789abc",
                "load --server=h:1 --registration-secret=0123456789abc --collectors=none",
                "load --server=h:1 --registration-secret=0123456789abc --collectors=0",
                "load --server=h:1 --registration-secret=0123456789abc --mode=pigeon",
                "load --server=h:99999 --registration-secret=0123456789abc"
            })
    void wrongUsageIsToldWithTheUsage(String command) {
        int code = command.isEmpty() ? run() : run(command.split(" "));

        assertEquals(2, code, err::toString);
        assertTrue(err.toString().matches("(?s).*(Usage: pganalytics|Did you mean: pganalytics).*"), err::toString);
        assertFalse(err.toString().contains("\tat "), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void aBrokenConfigurationIsToldByFileAndLine() throws IOException {
        var file = broken();

        assertEquals(1, run("config", "check", "-c", file.toString()));

        var lines = out.toString().lines().toList();
        assertEquals(file + ":2: tcp.port: found 70000; allowed is between 0 and 65535", lines.get(0));
        assertEquals("1 problem", lines.get(1));
    }

    @Test
    void aBrokenConfigurationIsToldAsJson() throws IOException {
        var file = broken();

        assertEquals(1, run("config", "check", "--json", "-c", file.toString()));

        var told = new JsonObject(out.toString());
        assertFalse(told.getBoolean("ok"));
        var problem = told.getJsonArray("problems").getJsonObject(0);
        assertEquals(file.toString(), problem.getString("file"));
        assertEquals(2, problem.getInteger("line"));
        assertEquals("tcp.port", problem.getString("key"));
    }

    @Test
    void aGoodConfigurationPasses() throws IOException {
        var file = Files.writeString(folder.resolve("good.conf"), "tcp.port = 7000\n");

        assertEquals(0, run("config", "check", "--json", "-c", file.toString()), out::toString);

        assertTrue(new JsonObject(out.toString()).getBoolean("ok"));
    }

    @Test
    void aCollectorsConfigurationIsCheckedToo() throws IOException {
        var file = Files.writeString(folder.resolve("collector.conf"), "\nbatch.rows-max = 0\n");

        assertEquals(1, run("config", "check", "--collector", file.toString()));

        assertTrue(out.toString().startsWith(file + ":2: batch.rows-max: found 0; allowed is"), out::toString);
    }

    @Test
    void aServerDoesNotStartOnABrokenConfiguration() throws IOException {
        var file = broken();

        assertEquals(1, run("serve", "-c", file.toString()));

        assertTrue(err.toString().contains(file + ":2: tcp.port: found 70000"), err::toString);
        assertFalse(err.toString().contains("\tat "), err::toString);
    }

    private Path broken() throws IOException {
        return Files.writeString(folder.resolve("broken.conf"), "log.level = info\ntcp.port = 70000\n");
    }

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
