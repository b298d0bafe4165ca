package org.pganalytics.charts;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** The chart of this repository, linted and rendered by Helm itself. */
final class HelmChart {
    static final Path SOURCE = Path.of("charts/pganalytics");
    private static final String KUBERNETES = "1.31.0";

    private final Path scratch;
    private final Path chart;

    /** @param scratch an empty directory of the test's */
    HelmChart(Path scratch) {
        this.scratch = scratch;
        this.chart = scratch.resolve("pganalytics");
        copyWithHooksAsObjects();
    }

    /** helm-java keeps hooks to itself when it renders; without their annotation they are objects like all others. */
    private void copyWithHooksAsObjects() {
        try {
            Files.walkFileTree(SOURCE, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes is) throws IOException {
                    Files.createDirectories(chart.resolve(SOURCE.relativize(folder)));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
                    var text = Files.readString(file).replace("helm.sh/hook:", "pganalytics.org/hook:");
                    Files.writeString(chart.resolve(SOURCE.relativize(file)), text);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code helm lint --strict}. */
    static LintResult lint() {
        return new Helm(SOURCE).lint().strict().call();
    }

    /** Of the release {@code metrics}. */
    Manifests render(String values) {
        return render("metrics", values);
    }

    /**
     * As {@code helm template RELEASE charts/pganalytics --namespace monitoring --values FILE}, hooks included.
     *
     * @param values YAML over the chart's own
     * @throws IllegalStateException with Helm's message when it refuses
     */
    Manifests render(String release, String values) {
        try {
            var file = Files.writeString(Files.createTempFile(scratch, "values", ".yaml"), values);
            var text = new Helm(chart)
                    .template()
                    .withName(release)
                    .withNamespace("monitoring")
                    .withKubeVersion(KUBERNETES)
                    .withValuesFile(file)
                    .call();
            return Manifests.of(text.replace("pganalytics.org/hook:", "helm.sh/hook:"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
