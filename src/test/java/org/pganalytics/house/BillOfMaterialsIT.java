package org.pganalytics.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the build says it ships is what it ships. */
class BillOfMaterialsIT {
    @Test
    void itListsWhatLiesOnTheClassPathAndNothingElse() throws IOException {
        var listed = new TreeSet<String>();
        for (var each : new JsonObject(Files.readString(Path.of("target/bom.json"))).getJsonArray("components")) {
            var component = (JsonObject) each;
            listed.add(jar(component));
            assertFalse(component.getJsonArray("hashes").isEmpty(), component.getString("purl"));
        }
        try (var lib = Files.list(Path.of("target/lib"))) {
            var shipped = lib.map(jar -> jar.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
            assertEquals(shipped, listed);
        }
    }

    /** As Maven names the file: with the classifier, which stands in the package URL only. */
    private static String jar(JsonObject component) {
        var named = component.getString("name") + "-" + component.getString("version");
        var purl = component.getString("purl");
        int at = purl.indexOf("classifier=");
        return at < 0 ? named + ".jar" : named + "-" + purl.substring(at + 11).replaceAll("&.*", "") + ".jar";
    }
}
