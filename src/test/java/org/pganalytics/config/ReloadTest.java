package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server is told that it takes over of a family's file. */
class ReloadTest {
    private static final Path SHIPPED = Path.of("conf/families/pg_stat_database.conf");

    @TempDir
    Path folder;

    private ServerConfig running;

    @BeforeEach
    void load() throws IOException {
        running = config("");
    }

    private ServerConfig config(String more) throws IOException {
        var families = Files.createDirectories(folder.resolve("families"));
        Files.writeString(families.resolve("pg_stat_database.conf"), Files.readString(SHIPPED) + "\n" + more);
        Files.writeString(folder.resolve("server.conf"), "families.dir = \"" + families + '"');
        return ServerConfigFile.load(folder.resolve("server.conf"), Map.of());
    }

    private Reload reload(String more) throws IOException {
        return Reload.between(running, config(more));
    }

    @Test
    void nothingIsToldWhereNothingChanged() throws IOException {
        var reload = reload("# a remark");

        assertEquals(List.of(), reload.applied());
        assertEquals(List.of(), reload.needsRestart());
    }

    @Test
    void eachChangeThatTakesEffectIsTold() throws IOException {
        var reload = reload("interval = 7s, retention = 3d, roll-up = off, series-max = 5");

        assertEquals(
                List.of(
                        "family pg_stat_database: interval 10s -> 7s",
                        "family pg_stat_database: retention 30d -> 3d",
                        "family pg_stat_database: roll-up on -> off",
                        "family pg_stat_database: series-max as configured -> 5"),
                reload.applied());
        assertEquals(List.of(), reload.needsRestart());
        var now = reload.config().families().get(0);
        assertEquals(false, now.rollsUp());
        assertEquals(5, now.seriesMax().orElseThrow());
    }
}
