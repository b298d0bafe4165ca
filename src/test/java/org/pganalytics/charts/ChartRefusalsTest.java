package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** Values that make no sense are refused before anything reaches a cluster, with a word on what to do. */
class ChartRefusalsTest {
    @TempDir
    static Path folder;

    private static HelmChart chart;

    @BeforeAll
    static void open() {
        chart = new HelmChart(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "database: { secret: '' } | the embedded PostgreSQL is one server's own",
                "{ database: { secret: '' }, server: { replicas: 1 }, autoscaling: { enabled: true } }"
                        + " | set server.replicas to 1",
                "tls: { secret: '' } | tls.secret is empty: name a Secret",
                "tls: { collectorsSecret: authority, balancers: [ 10.0.0.1 ] } | leave tls.balancers empty",
                "tls: { clientAuth: required } | name in tls.collectorsSecret the authority",
                "tls: { clientAuth: always } | value must be one of 'none', 'optional', 'required'",
                "{ tls: { balancers: [ 10.0.0.1 ] }, collector: { enabled: true } } | collector.serverHost is empty",
                "autoscaling: { enabled: true, min: 5, max: 4 } | min is more than autoscaling.max",
                "ingress: { enabled: true } | ingress.host must name the host",
                "{ database: { secret: '' }, server: { replicas: 1 }, cronJobs: { a: { schedule: '@daily', args: [ a ] } } }"
                        + " | cronJobs need a database of their own",
                "sever: { replicas: 1 } | additional properties 'sever' not allowed",
                "server: { replica: 1 } | additional properties 'replica' not allowed",
                "server: { replicas: '1' } | got string, want integer",
                "server: { replicas: 0 } | minimum: got 0, want 1",
                "server: { config: { tcp: { port: 1 } } } | got object, want string",
                "server: { secretEnv: { PGANALYTICS_DATABASE_PASSWORD: hunter2 } } | got string, want object",
                "tls: { balancers: 10.0.0.0/8 } | got string, want array",
                "tls: { balancers: [ everywhere ] } | does not match pattern",
                "image: { digest: 'sha256:12' } | does not match pattern",
                "server: { resources: { limit: { memory: 1Gi } } } | additional properties 'limit' not allowed",
                "cronJobs: { a: { schedule: '* *', args: [ rows ] } } | does not match pattern",
                "collector: { tcpPort: 0 } | minimum: got 0, want 1",
                "collector: { httpPort: '443' } | got string, want integer",
                "drain: { withinSeconds: 601 } | maximum: got 601, want 600"
            })
    void whatMakesNoSenseIsRefused(String values, String message) {
        var failure = assertThrows(IllegalStateException.class, () -> chart.render(values));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    /** A value that the schema does not know could not be given; one that is only in the schema does nothing. */
    @Test
    void theSchemaKnowsTheValuesAndNoOthers() throws IOException {
        var schema = new JsonObject(Files.readString(HelmChart.SOURCE.resolve("values.schema.json")));
        Map<String, Object> values = new Yaml().load(Files.readString(HelmChart.SOURCE.resolve("values.yaml")));
        var inSchema = new TreeSet<String>();
        names(schema.getJsonObject("properties"), "", inSchema);
        inSchema.remove("global"); // Helm's own
        var inValues = new TreeSet<String>();
        names(values, "", inSchema, inValues);
        assertEquals(inSchema, inValues);
    }

    private static void names(JsonObject properties, String path, Set<String> found) {
        for (var name : properties.fieldNames()) {
            var inner = properties.getJsonObject(name).getJsonObject("properties");
            if (inner == null) {
                found.add(path + name);
            } else {
                assertEquals(false, properties.getJsonObject(name).getValue("additionalProperties"), path + name);
                names(inner, path + name + ".", found);
            }
        }
    }

    private static void names(Map<?, ?> values, String path, Set<String> leaves, Set<String> found) {
        values.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner && !leaves.contains(path + name)) {
                names(inner, path + name + ".", leaves, found);
            } else {
                found.add(path + name);
            }
        });
    }
}
