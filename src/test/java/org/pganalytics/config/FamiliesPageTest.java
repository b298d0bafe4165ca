package org.pganalytics.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.Sending;
import org.pganalytics.model.MetricFamily.Source;
import org.pganalytics.model.MetricFamily.VersionedSql;

/**
 * Keeps docs/families.md in step with the declarations.
 *
 * <p>{@code mvn test -Dtest=FamiliesPageTest -Dpages.write=true} writes the page from {@code conf/families}.
 */
class FamiliesPageTest {
    private static final Path PAGE = Path.of("docs/families.md");
    private static final Path DIRECTORY = Path.of("conf/families");
    private static final List<MetricFamily> FAMILIES = FamilyFiles.load(DIRECTORY);
    private static final Map<Source, String> SOURCES = Map.of(
            Source.SQL, "PostgreSQL",
            Source.HOST, "the machine, where the agent runs on it",
            Source.PGBOUNCER, "PgBouncer",
            Source.AGENT, "the agent itself",
            Source.V3, "collectors of version 3 only");

    @Test
    void thePageSaysTheSame() throws IOException {
        if (Boolean.getBoolean("pages.write")) {
            Files.writeString(PAGE, page());
        }
        assertEquals(page(), Files.readString(PAGE), "run this test with -Dpages.write=true");
    }

    @Test
    void everyFamilyStandsInAFileOfItsNameAndSaysWhatItIs() {
        for (var family : FAMILIES) {
            var file = DIRECTORY.resolve(family.name() + ".conf");
            assertTrue(Files.exists(file), file + " declares no " + family.name());
            assertTrue(family.title().length() > 10, family.name() + " has no title");
        }
    }

    private static String page() throws IOException {
        var page = new StringBuilder("""
                # Metric families

                What is collected, one family a file of `conf/families`. Every table has `time` and `target_id`
                besides; roles are key (what a row is about), counter (cumulative: only differences mean something,
                and a smaller value is a reset), gauge and text. A column that a version of PostgreSQL does not have
                is null there. This page is made from the declarations;
                [operations.md](operations.md#a-family-of-your-own) says how to add one.

                | family | what | from | every | kept |
                |---|---|---|---|---|
                """);
        for (var family : FAMILIES) {
            page.append("| [%1$s](#%1$s) | %2$s | %3$s | %4$s | %5$s |\n"
                    .formatted(
                            family.name(),
                            shown(family.title()),
                            SOURCES.get(family.reading().source()),
                            every(family),
                            spelled(family.retention())));
        }
        for (var family : FAMILIES) {
            section(page, family);
        }
        return page.toString();
    }

    private static String every(MetricFamily family) {
        return family.reading().source() == Source.V3 ? "as pushed" : spelled(family.interval());
    }

    private static void section(StringBuilder page, MetricFamily family) throws IOException {
        page.append("\n## ").append(family.name()).append('\n');
        page.append(family.title()).append(".\n");
        var said = comment(family);
        page.append(said.isEmpty() ? "" : "\n" + said + "\n");
        page.append("\n").append(facts(family)).append("\n");
        var notes = notes(family);
        page.append(
                notes.isEmpty()
                        ? "\n| column | type | role |\n|---|---|---|\n"
                        : "\n| column | type | role | what |\n|---|---|---|---|\n");
        for (var column : family.schema().columns()) {
            page.append("| `%s` | %s | %s |"
                    .formatted(
                            column.name(),
                            column.type().sqlName(),
                            column.role().declaredName()));
            page.append(notes.isEmpty() ? "\n" : " %s |%n".formatted(notes.getOrDefault(column.name(), "")));
        }
    }

    private static String facts(MetricFamily family) {
        var facts =
                new StringBuilder("From ").append(SOURCES.get(family.reading().source()));
        if (family.reading().source() == Source.SQL) {
            facts.append(family.scope() == Scope.CLUSTER ? ", once a server" : ", in every watched database");
            facts.append("; ").append(versions(family.statements()));
        }
        facts.append(". ");
        if (family.kind() == Kind.DICTIONARY) {
            facts.append("A dictionary of %s by %s: sent once, and again after %s."
                    .formatted(family.dictionaryOf(), family.dictionaryKey(), spelled(family.interval())));
        } else if (family.reading().source() != Source.V3) {
            facts.append("Every %s.".formatted(spelled(family.interval())));
        }
        if (family.reading().sending() == Sending.MOVED) {
            facts.append(" A row is sent when it has moved, all are every %s: an absent row is as it was last."
                    .formatted(spelled(family.reading().fullEvery())));
        }
        return facts.append(kept(family)).toString();
    }

    private static String kept(MetricFamily family) {
        var series = family.seriesMax().isEmpty()
                ? ""
                : family.seriesMax().getAsInt() == 0
                        ? " Its series are not counted."
                        : " At most %d series a day."
                                .formatted(family.seriesMax().getAsInt());
        return "%s Kept for %s.%s"
                .formatted(
                        series,
                        spelled(family.retention()),
                        family.rollsUp() ? " Rolled up by the minute, ten minutes and the hour." : "");
    }

    private static String versions(List<VersionedSql> statements) {
        var extensions = statements.stream()
                .filter(statement -> statement.extension() != null)
                .map(statement -> " with the extension " + statement.extension())
                .findFirst();
        return "PostgreSQL "
                + statements.stream()
                        .map(one -> one.toMajor() == Integer.MAX_VALUE
                                ? one.fromMajor() + " and later"
                                : one.fromMajor() == one.toMajor()
                                        ? String.valueOf(one.fromMajor())
                                        : one.fromMajor() + "–" + one.toMajor())
                        .collect(Collectors.joining(", "))
                + extensions.orElse("");
    }

    private static String comment(MetricFamily family) throws IOException {
        try (var lines = Files.lines(DIRECTORY.resolve(family.name() + ".conf"))) {
            return lines.takeWhile(line -> line.startsWith("#"))
                    .map(line -> line.substring(Math.min(line.length(), 2)))
                    .map(line -> line.startsWith("  ") ? "\n    " + line.strip() + "\n" : line)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static Map<String, String> notes(MetricFamily family) {
        var notes = new HashMap<String, String>();
        var file = DIRECTORY.resolve(family.name() + ".conf").toFile();
        for (var column : ConfigFactory.parseFile(file).getObjectList("columns")) {
            var said = String.join(" ", column.origin().comments()).strip();
            if (!said.isEmpty()) {
                notes.put(column.toConfig().getString("name"), shown(said));
            }
        }
        return notes;
    }

    private static String shown(String text) {
        return text.replace("|", "\\|");
    }

    private static String spelled(Duration duration) {
        if (duration.toSeconds() % 86_400 == 0) {
            return duration.toDays() + " d";
        }
        if (duration.toSeconds() % 3_600 == 0) {
            return duration.toHours() + " h";
        }
        return duration.toSeconds() % 60 == 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }
}
