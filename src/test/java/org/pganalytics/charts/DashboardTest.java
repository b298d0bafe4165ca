package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is drawn is measured, and what is measured is found. */
class DashboardTest {
    private static final Pattern ON_THE_PAGE = Pattern.compile("(?m)^\\| `(pganalytics_[a-z_0-9]+)` \\|([^|]*)\\|");
    private static final Pattern METRIC = Pattern.compile("pganalytics_[a-z_0-9]+");
    private static final Pattern BY = Pattern.compile("by \\(([a-z, ]+)\\)");

    /** Of the server's own labels; Prometheus adds the instance. */
    private static Map<String, String> labelsByMetric() throws IOException {
        var found = new TreeMap<String, String>();
        ON_THE_PAGE
                .matcher(Files.readString(Path.of("docs/metrics.md")))
                .results()
                .forEach(row -> found.put(row.group(1), row.group(2) + " `instance`"));
        return found;
    }

    @Test
    void panelsDrawOnlyWhatThereIs(@TempDir Path folder) throws IOException {
        var map = new HelmChart(folder)
                .render("metrics: { dashboard: { enabled: true } }")
                .one(ConfigMap.class, "metrics-pganalytics-dashboard");
        assertEquals("1", map.getMetadata().getLabels().get("grafana_dashboard"));
        var dashboard = new JsonObject(map.getData().get("pganalytics.json"));
        var known = labelsByMetric();
        var ids = new HashSet<Integer>();
        for (var each : dashboard.getJsonArray("panels")) {
            var panel = (JsonObject) each;
            assertTrue(ids.add(panel.getInteger("id")));
            for (var target : panel.getJsonArray("targets")) {
                assertMeasured(((JsonObject) target).getString("expr"), known);
            }
        }
        assertEquals(12, ids.size());
    }

    private static void assertMeasured(String expression, Map<String, String> known) {
        var metric = METRIC.matcher(expression);
        assertTrue(metric.find(), expression);
        var labels = known.get(metric.group().replaceAll("_bucket$", ""));
        assertTrue(labels != null, () -> expression + ": no such metric in docs/metrics.md");
        assertEquals(
                metric.group().endsWith("_bucket"),
                labels.contains("`le`") && expression.contains("quantile"),
                expression);
        BY.matcher(expression)
                .results()
                .forEach(by -> assertTrue(labels.contains("`" + by.group(1) + "`"), expression + ": no such label"));
    }

    @Test
    void prometheusFindsTheServersAndTrustsThem(@TempDir Path folder) {
        var manifests = new HelmChart(folder).render(Combinations.all(false));
        var spec = manifests.one(ServiceMonitor.class, "metrics-pganalytics").spec();
        var chosen = manifests.all(Service.class).stream()
                .filter(service -> service.getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(spec.selector().getMatchLabels().entrySet()))
                .toList();
        assertEquals(1, chosen.size(), "else each server would be read twice");
        var ports = chosen.get(0).getSpec().getPorts().stream()
                .map(port -> port.getName())
                .collect(Collectors.toSet());
        assertTrue(ports.contains(spec.endpoints().get(0).port()));
        assertEquals("https", spec.endpoints().get(0).scheme());
        assertEquals("/metrics", spec.endpoints().get(0).path());
        assertEquals(
                "metrics-pganalytics.monitoring.svc",
                spec.endpoints().get(0).tlsConfig().serverName());
        assertEquals(Set.of("monitoring"), Set.copyOf(spec.namespaceSelector().matchNames()));
    }
}
