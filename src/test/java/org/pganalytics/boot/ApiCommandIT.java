package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.NativeJson;

/** Targets, rows and the quarantine from the command line, beside a running server; and the calls of docs/api.md. */
class ApiCommandIT {
    @TempDir
    private static Path folder;

    private static ApiServer server;
    private static BesideDatabase beside;
    private static String target;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(Map.of());
        beside = new BesideDatabase(server.database, folder);
        try (var samples = new SampleRows(server)) {
            target = samples.target();
            samples.sample(target, 1, "shop", "numbackends", "7");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void targetsAreListedAndShown() throws Exception {
        assertEquals(server.client.ok("listTargets"), new JsonObject(beside.run(0, "target", "list", "--json")));
        assertTrue(beside.run(0, "target", "show", target).contains("target_id\t" + target));
        assertTrue(beside.run(1, "target", "show", "999").contains("there is no target 999"));
        assertTrue(beside.run(1, "target", "list", "--limit", "0").contains("from 1 to 1000"));
        beside.run(2, "target");
    }

    @Test
    void rowsAreShownAsTheyAreAndInBuckets() {
        var from = "--from=" + SampleRows.at(0);
        var to = "--to=" + SampleRows.at(60);
        var of = "--target=" + target;
        var rows = beside.run(
                0, "rows", "pg_stat_database", of, from, to, "--columns=datname,numbackends", "--filter=datname=shop");
        assertEquals("time\tdatname\tnumbackends\n" + SampleRows.at(1) + "\tshop\t7\n", rows);
        var gathered = beside.run(
                0, "rows", "pg_stat_database", of, from, to, "--columns=numbackends", "--bucket=1m", "--json");
        assertEquals(1, new JsonObject(gathered).getJsonArray("rows").size());
        assertTrue(beside.run(1, "rows", "nobody", of).contains("no family nobody"));
        beside.run(2, "rows", "pg_stat_database");
    }

    @Test
    void theQuarantineIsLookedThroughAndCleared() {
        server.database.execute(
                "INSERT INTO quarantine (collector_id, epoch, sequence, covers_from, fault, detail, digest,"
                        + " rows, media_type, body_bytes, body) SELECT collector_id, 1, 1, 1, 'BAD_DATA', 'x', '', 1,"
                        + " 'application/json', 2, '{}' FROM collector LIMIT 1");
        var id = String.valueOf(server.database.number("SELECT id FROM quarantine WHERE sequence = 1"));
        assertTrue(beside.run(0, "quarantine").contains("BAD_DATA"));
        assertTrue(beside.run(0, "quarantine", "show", id).contains("state\twaiting"));
        beside.run(1, "quarantine", "replay", id);
        assertTrue(beside.run(0, "quarantine", "discard", id).contains("state\tdiscarded"));
        beside.run(1, "quarantine", "show", "999");
        beside.run(2, "quarantine", "show");
        beside.run(2, "quarantine", "burn", id);
        assertEquals(
                "[[cli:%s]]".formatted(System.getProperty("user.name")),
                server.database
                        .rows("SELECT actor FROM audit_event WHERE action = 'quarantine.discard'")
                        .toString());
    }

    @Test
    void aBatchWhoseCauseIsMendedIsReplayed() {
        var schema = FamilySchema.of("pg_locks", List.of(new Column("lock_count", ColumnType.INT8, ColumnRole.GAUGE)));
        var counts = new ColumnVector.Longs(new long[] {4, 5}, new BitSet());
        var block = new ColumnBlock(schema, "mended", System.currentTimeMillis() * 1_000, 2, List.of(counts));
        var body = NativeJson.encode(new BatchPosition(1, 2, 2), List.of(), List.of(block))
                .getBytes();
        server.database.execute(
                "INSERT INTO quarantine (collector_id, epoch, sequence, covers_from, fault, detail, digest,"
                        + " rows, media_type, body_bytes, body) SELECT collector_id, 1, 2, 2, 'BAD_DATA', 'x', '', 2,"
                        + " '%s', %d, decode('%s', 'hex') FROM collector LIMIT 1"
                                .formatted(
                                        NativeJson.MEDIA_TYPE,
                                        body.length,
                                        HexFormat.of().formatHex(body)));
        var id = String.valueOf(server.database.number("SELECT id FROM quarantine WHERE sequence = 2"));
        var told = beside.run(0, "quarantine", "replay", id);
        assertTrue(told.contains("state\treplayed"), told);
        assertTrue(told.contains("rows_stored\t2"), told);
        assertEquals(
                9,
                server.database.number(
                        "SELECT sum(lock_count) FROM metrics.pg_locks JOIN target USING (target_id) WHERE name = 'mended'"));
        assertEquals(told, beside.run(0, "quarantine", "replay", id), "again");
    }

    @Test
    void theCallsOfThePageAreAnswered() throws Exception {
        var calls = Pattern.compile("```sh\n(api\\(\\).*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/api.md")));
        assertTrue(calls.find());
        var output = folder.resolve("calls.log");
        var shell = new ProcessBuilder("bash", "-euc", calls.group(1).replace("curl -sS", "curl -fsS"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().put("TOKEN", server.token);
        shell.environment().put("SERVER", "http://127.0.0.1:" + server.port());
        assertEquals(0, shell.start().waitFor(), () -> calls.group(1));
        assertTrue(Files.readString(output).contains("xact_commit"));
    }
}
