package org.pganalytics.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir
    Path folder;

    @Test
    void whatARunDoesNotMeasureStaysAsAnotherHasLeftIt() throws IOException {
        run("old").add("copy", List.of(Measurement.of(Goal.COPY_RATIO, 0.8), Measurement.aside("rate", "rows/s", 5)));
        run("new").add("heap", List.of(Measurement.of(Goal.HEAP_MIB, 90), Measurement.aside("rate", "rows/s", 6)));

        var found = found();
        var measured = found.getJsonObject("measured");
        assertEquals(0.8, found.getDouble("copy_ratio"));
        assertEquals(90, found.getDouble("heap_mib"));
        assertEquals(6, found.getDouble("rate"));
        assertEquals("old", measured.getJsonObject("copy_ratio").getString("commit"));
        assertEquals("new", measured.getJsonObject("heap_mib").getString("commit"));
        assertEquals("new", measured.getJsonObject("rate").getString("commit"));
        assertNotNull(measured.getJsonObject("copy_ratio").getInstant("at"));
    }

    @Test
    void aBrokenFileIsMadeAnew() throws IOException {
        Files.writeString(folder.resolve("run.json"), "{ \"copy");
        run("new").add("heap", List.of(Measurement.of(Goal.HEAP_MIB, 90)));

        assertEquals(90, found().getDouble("heap_mib"));
    }

    private Results run(String commit) throws IOException {
        return new Results(new JsonObject().put("commit", commit), "full", folder);
    }

    private JsonObject found() throws IOException {
        return new JsonObject(Files.readString(folder.resolve("run.json")));
    }
}
