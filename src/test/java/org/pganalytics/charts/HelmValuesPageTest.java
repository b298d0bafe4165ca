package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;

/**
 * Keeps docs/helm-values.md in step with the values of the chart.
 *
 * <p>{@code mvn test -Dtest=HelmValuesPageTest -Dpages.write=true} writes the page from their comments.
 */
class HelmValuesPageTest {
    private static final Path PAGE = Path.of("docs/helm-values.md");

    @Test
    void thePageSaysWhatTheValuesSay() throws IOException {
        var page = page();
        if (Boolean.getBoolean("pages.write")) {
            Files.writeString(PAGE, page);
        }
        assertEquals(page, Files.readString(PAGE), "run this test with -Dpages.write=true");
    }

    private static String page() throws IOException {
        var page = new StringBuilder("""
                # Values of the Helm chart

                What `charts/pganalytics` can be told; [kubernetes.md](kubernetes.md) shows how. Anything else is refused by
                `values.schema.json`. This page is made from the comments in `values.yaml`.

                | value | default | what |
                |---|---|---|
                """);
        var options = new LoaderOptions();
        options.setProcessComments(true);
        var text = Files.readString(HelmChart.SOURCE.resolve("values.yaml"));
        rows((MappingNode) new Yaml(options).compose(new StringReader(text)), "", page);
        return page.toString();
    }

    private static void rows(MappingNode mapping, String path, StringBuilder page) {
        for (var tuple : mapping.getValue()) {
            var name = path + new Scalars().of(tuple.getKeyNode());
            var said = said(tuple);
            if (tuple.getValueNode() instanceof MappingNode inner && said.isEmpty()) {
                rows(inner, name + ".", page);
            } else {
                assertFalse(said.isEmpty(), () -> name + " has no comment");
                var value = Json.encode(new Scalars().of(tuple.getValueNode()));
                page.append("| `%s` | `%s` | %s |%n".formatted(name, value, said.replace("|", "\\|")));
            }
        }
    }

    private static String said(NodeTuple tuple) {
        var comments = tuple.getKeyNode().getBlockComments();
        return (comments == null ? List.<org.yaml.snakeyaml.comments.CommentLine>of() : comments)
                .stream()
                        .map(line -> line.getValue().strip())
                        .filter(line -> !line.isEmpty() && !line.startsWith("Values of the chart"))
                        .collect(Collectors.joining(" "));
    }

    /** Makes values of nodes. */
    private static final class Scalars extends SafeConstructor {
        Scalars() {
            super(new LoaderOptions());
        }

        Object of(Node node) {
            return constructDocument(node);
        }
    }
}
