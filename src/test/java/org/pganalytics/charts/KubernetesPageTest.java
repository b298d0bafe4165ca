package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keeps the manifests and the examples of docs/kubernetes.md in step with the chart.
 *
 * <p>{@code mvn test -Dtest=KubernetesPageTest -Dpages.write=true} writes the manifests.
 */
class KubernetesPageTest {
    private static final Path PAGE = Path.of("docs/kubernetes.md");
    private static final String MARK = "<!-- rendered -->\n";
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(# values.*?)```", Pattern.DOTALL);
    private static final Pattern HELMS_OWN = Pattern.compile(
            "(?m)^(# Source: .*|.*helm\\.sh/.*|.*managed-by: Helm|  annotations:\n(?=    helm.sh/hook:))\n?");

    @TempDir
    Path folder;

    private String plain() {
        var rendered = new HelmChart(folder).render("pganalytics", "").text();
        return HELMS_OWN.matcher(rendered).replaceAll("").strip();
    }

    @Test
    void thePageHoldsWhatHelmRenders() throws IOException {
        var page = Files.readString(PAGE);
        var told = page.substring(0, page.indexOf(MARK) + MARK.length());
        var fresh = told + "```yaml\n" + plain() + "\n```\n";
        if (Boolean.getBoolean("pages.write")) {
            Files.writeString(PAGE, fresh);
        }
        assertEquals(fresh, Files.readString(PAGE), "run this test with -Dpages.write=true");
    }

    @Test
    void whatIsLeftAreStillObjects() {
        var manifests = Manifests.of(plain());
        assertEquals(
                "pganalytics",
                manifests.one(Deployment.class, "pganalytics").getMetadata().getName());
        assertTrue(manifests
                .text()
                .lines()
                .noneMatch(line -> line.toLowerCase(java.util.Locale.ROOT).contains("helm")));
    }

    @Test
    void theExamplesAreValuesOfTheChartAndTakenByThePrograms() throws IOException {
        var chart = new HelmChart(folder);
        var read = new PodConfig(folder);
        var examples = EXAMPLE.matcher(Files.readString(PAGE)).results().toList();
        assertEquals(6, examples.size());
        for (var example : examples) {
            var manifests = chart.render("pganalytics", example.group(1));
            read.server(manifests);
            if (manifests.has(DaemonSet.class)) {
                assertFalse(read.collector(manifests).targets().isEmpty(), "an agent without targets reads nothing");
            }
        }
    }

    /** A Job cannot be changed, and the servers must not come before it: it is applied first, with all that it mounts. */
    @Test
    void theMigrationCanBeAppliedAloneAgain() throws IOException {
        var page = Files.readString(PAGE);
        var said = page.substring(page.indexOf("## Without Helm"), page.indexOf(MARK));
        var steps = Pattern.compile("(?m)^kubectl .*? (delete job|apply|wait) (.*)$")
                .matcher(said)
                .results()
                .map(step -> step.group(1) + " " + step.group(2).replaceAll("\\s+#.*", ""))
                .toList();
        assertEquals(
                List.of(
                        "delete job pganalytics-migrate --ignore-not-found",
                        "apply -f pganalytics.yaml -l app.kubernetes.io/component=migrate",
                        "wait --for=condition=complete --timeout=35m job/pganalytics-migrate",
                        "apply -f pganalytics.yaml"),
                steps);
        var manifests = Manifests.of(plain());
        var alone = manifests.objects().stream()
                .filter(object ->
                        "migrate".equals(object.getMetadata().getLabels().get("app.kubernetes.io/component")))
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
        assertEquals(List.of("ConfigMap pganalytics-migrate", "Job pganalytics-migrate"), alone);
        var job = manifests.one(Job.class, "pganalytics-migrate").getSpec().getTemplate();
        new PodConfig(folder).command(manifests, job);
    }

    @Test
    void helmWaitsAsLongAsTheMigrationMayTake() throws IOException {
        var upgrades = Files.readString(PAGE)
                .lines()
                .filter(line -> line.startsWith("helm upgrade "))
                .toList();
        assertEquals(1, upgrades.size());
        assertTrue(upgrades.get(0).endsWith(" --timeout 35m"), "by itself it waits for 5 minutes");
    }
}
