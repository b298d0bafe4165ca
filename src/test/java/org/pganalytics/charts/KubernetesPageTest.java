package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void theExamplesAreValuesOfTheChart() throws IOException {
        var chart = new HelmChart(folder);
        var examples = EXAMPLE.matcher(Files.readString(PAGE)).results().toList();
        assertEquals(6, examples.size());
        examples.forEach(example -> chart.render("pganalytics", example.group(1)));
    }
}
