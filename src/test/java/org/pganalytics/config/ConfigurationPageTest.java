package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Keeps the two files of {@code conf/}, the defaults on the class path and docs/configuration.md in step.
 *
 * <p>{@code mvn test -Dtest=ConfigurationPageTest -Dpages.write=true} writes the page from {@code conf/}.
 */
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("docs/configuration.md");
    private static final Config SERVER =
            ConfigFactory.parseFile(Path.of("conf/pganalytics.conf").toFile());
    private static final Config COLLECTOR =
            ConfigFactory.parseFile(Path.of("conf/collector.conf").toFile());

    @Test
    void theServersFileHoldsEveryKeyWithItsDefault() {
        assertEquals(values(reference("reference.conf")), values(SERVER));
    }

    @Test
    void theCollectorsFileHoldsEveryKeyWithItsDefault() {
        assertEquals(values(reference("collector-reference.conf")), values(COLLECTOR));
    }

    @Test
    void everyKeyIsExplained() {
        for (var config : new Config[] {SERVER, COLLECTOR}) {
            config.entrySet()
                    .forEach(entry -> assertTrue(
                            !entry.getValue().origin().comments().isEmpty(), entry.getKey() + " has no comment"));
        }
    }

    @Test
    void thePageSaysTheSame() throws IOException {
        if (Boolean.getBoolean("pages.write")) {
            Files.writeString(PAGE, page());
        }
        assertEquals(page(), Files.readString(PAGE), "run this test with -Dpages.write=true");
    }

    private static String page() {
        var page = new StringBuilder("""
                # Configuration

                HOCON. What a file does not say has the default below. Every key can also come from the environment
                variable beside it, which wins over the file; a list is then written with commas. Durations have a
                unit (`500ms`, `10s`, `5m`, `1h`, `30d`), sizes too (`64KiB`, `16MiB`). A key named `…-file` takes its
                secret from the first line of a file. Keys marked ↻ are read again on SIGHUP, as are the interval, the
                retention, the series-max and roll-up of metric families; new families are taken, too.

                `./pganalytics config check` tells everything that is wrong in a file without starting anything. This
                page is made from the comments in `conf/`.

                # The server: `conf/pganalytics.conf`
                """);
        sections(page, SERVER, new Layers("reference.conf", "PGANALYTICS_"));
        page.append("\n# The collector: `conf/collector.conf`\n");
        sections(page, COLLECTOR, new Layers("collector-reference.conf", "PGANALYTICS_"));
        return page.toString();
    }

    private static void sections(StringBuilder page, Config config, Layers layers) {
        Map<String, Map<String, ConfigValue>> sections = new TreeMap<>();
        config.entrySet().forEach(entry -> {
            var top = entry.getKey().contains(".")
                    ? entry.getKey().substring(0, entry.getKey().indexOf('.'))
                    : "";
            sections.computeIfAbsent(top, key -> new TreeMap<>()).put(entry.getKey(), entry.getValue());
        });
        sections.forEach((name, keys) -> {
            page.append(name.isEmpty() ? "\n" : "\n## " + name + "\n");
            page.append("| key | default | environment | what |\n|---|---|---|---|\n");
            keys.forEach((key, value) -> page.append("| `%s`%s | `%s` | `%s` | %s |\n"
                    .formatted(
                            key,
                            Reload.isReloadable(key) ? " ↻" : "",
                            shown(value),
                            layers.variable(key),
                            said(value))));
        });
    }

    private static String shown(ConfigValue value) {
        return value.render(ConfigRenderOptions.concise()).replace("|", "\\|");
    }

    private static String said(ConfigValue value) {
        return value.origin().comments().stream()
                .map(String::strip)
                .collect(Collectors.joining(" "))
                .replace("|", "\\|")
                .replaceAll("[;,] default [^;]*$", "");
    }

    private static Config reference(String resource) {
        return ConfigFactory.parseURL(ConfigurationPageTest.class.getResource("/" + resource));
    }

    private static Map<String, Object> values(Config config) {
        var values = new TreeMap<String, Object>();
        config.entrySet()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().unwrapped()));
        return values;
    }
}
