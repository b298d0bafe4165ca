package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.Missing;
import com.typesafe.config.ConfigException.WrongType;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Reading;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.Sending;
import org.pganalytics.model.MetricFamily.Source;
import org.pganalytics.model.MetricFamily.VersionedSql;

/** Reads the metric families, one file a family, from a directory. */
public final class FamilyFiles {
    private static final Config DEFAULTS = ConfigFactory.parseString("""
            family = "", title = "", kind = samples, scope = cluster, interval = 60s, retention = 30d
            columns = [], sql = [], dictionary-of = "", dictionary-key = ""
            source = sql, send = all, full-every = 1h, roll-up = on, series-max = -1
            """);
    private static final int SERIES_MAX = 100_000_000;
    private static final Set<String> COLUMN_KEYS = Set.of("name", "type", "role");
    private static final Set<String> SQL_KEYS = Set.of("from", "to", "extension", "sql");

    private final Problems problems;

    private FamilyFiles(Problems problems) {
        this.problems = problems;
    }

    /** A declaration that stands in no file of its own. @param place where it was said */
    static Optional<MetricFamily> declared(Config said, String place, Problems problems) {
        return new FamilyFiles(problems).family(said, place);
    }

    /**
     * @return the families in the order of their file names
     * @throws ConfigException with every problem of every file
     */
    public static List<MetricFamily> load(Path directory) {
        var files = new FamilyFiles(new Problems());
        var families = files.families(directory);
        files.problems.throwIfAny();
        return families;
    }

    private List<MetricFamily> families(Path directory) {
        var families = new ArrayList<MetricFamily>();
        var names = new HashSet<String>();
        for (var file : files(directory)) {
            family(Layers.parse(file, problems), file.toString()).ifPresent(family -> {
                if (!names.add(family.name())) {
                    problem(
                            file.toString(),
                            "family",
                            family.name() + ", declared by another file too",
                            "a name of its own");
                }
                families.add(family);
            });
        }
        return List.copyOf(families);
    }

    private List<Path> files(Path directory) {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".conf"))
                    .sorted()
                    .toList();
        } catch (IOException missing) {
            problem(
                    directory.toString(),
                    "(directory)",
                    "none that can be read",
                    "a directory of family files; families.dir says which");
            return List.of();
        }
    }

    private Optional<MetricFamily> family(Config said, String file) {
        if (said.isEmpty()) {
            return Optional.empty();
        }
        for (var key : said.root().keySet()) {
            if (!DEFAULTS.hasPath(key)) {
                problems.add(
                        said.getValue(key).origin(),
                        key,
                        "an unknown key",
                        "one of " + sorted(DEFAULTS.root().keySet()));
            }
        }
        var section = new Section(said.withFallback(DEFAULTS), DEFAULTS, "", problems);
        var schema = schema(file, said.withFallback(DEFAULTS));
        var kind = section.choice("kind", Kind.class);
        var dictionaryOf = emptyToNull(section.text("dictionary-of"));
        var dictionaryKey = emptyToNull(section.text("dictionary-key"));
        if ((kind == Kind.DICTIONARY) != (dictionaryOf != null && dictionaryKey != null)) {
            problem(
                    file,
                    "kind",
                    "kind without its keys",
                    "dictionary-of and dictionary-key with kind = dictionary only");
        }
        var reading = reading(section);
        return schema.map(columns -> new MetricFamily(
                columns,
                section.text("title"),
                kind,
                section.choice("scope", Scope.class),
                within(section, "interval", Duration.ofSeconds(1), Duration.ofDays(1)),
                within(section, "retention", Duration.ofHours(1), Duration.ofDays(3650)),
                statements(file, said, reading.source()),
                dictionaryOf,
                dictionaryKey,
                reading,
                section.flag("roll-up"),
                seriesMax(section)));
    }

    private static Reading reading(Section section) {
        return new Reading(
                section.choice("source", Source.class),
                section.choice("send", Sending.class),
                within(section, "full-every", Duration.ofMinutes(1), Duration.ofDays(1)));
    }

    private static OptionalInt seriesMax(Section section) {
        int most = section.integer("series-max");
        if (most < -1 || most > SERIES_MAX) {
            section.wrong(
                    "series-max",
                    "0 (any number) to %d; left out for what the server is configured with".formatted(SERIES_MAX));
        }
        return most < 0 ? OptionalInt.empty() : OptionalInt.of(most);
    }

    private static Duration within(Section section, String key, Duration least, Duration most) {
        var found = section.duration(key);
        if (found.compareTo(least) < 0 || found.compareTo(most) > 0) {
            section.wrong(key, "a duration from %d s to %d s".formatted(least.toSeconds(), most.toSeconds()));
        }
        return found;
    }

    private Optional<FamilySchema> schema(String file, Config said) {
        try {
            var columns = new ArrayList<Column>();
            for (var column : said.getConfigList("columns")) {
                rejectUnknown(column, COLUMN_KEYS);
                columns.add(column(column));
            }
            return Optional.of(FamilySchema.of(said.getString("family"), columns));
        } catch (IllegalArgumentException | Missing | WrongType wrong) {
            problem(file, "columns", wrong.getMessage(), "a family name and columns of { name, type, role }");
            return Optional.empty();
        }
    }

    private Column column(Config said) {
        var type = said.getString("type");
        var role = said.getString("role");
        return new Column(
                said.getString("name"),
                ColumnType.ofSqlName(type)
                        .orElseThrow(() -> new IllegalArgumentException("type " + type + " is none of "
                                + List.of(ColumnType.values()).stream()
                                        .map(ColumnType::sqlName)
                                        .toList())),
                ColumnRole.ofDeclaredName(role)
                        .orElseThrow(() -> new IllegalArgumentException("role " + role + " is none of "
                                + List.of(ColumnRole.values()).stream()
                                        .map(ColumnRole::declaredName)
                                        .toList())));
    }

    private List<VersionedSql> statements(String file, Config said, Source source) {
        var statements = new ArrayList<VersionedSql>();
        try {
            for (var one : said.hasPath("sql") ? said.getConfigList("sql") : List.<Config>of()) {
                rejectUnknown(one, SQL_KEYS);
                statements.add(new VersionedSql(
                        one.getInt("from"),
                        one.hasPath("to") ? one.getInt("to") : Integer.MAX_VALUE,
                        one.hasPath("extension") ? one.getString("extension") : null,
                        one.getString("sql")));
            }
        } catch (Missing | WrongType wrong) {
            problem(file, "sql", wrong.getMessage(), "a list of { from, to, extension, sql }");
        }
        inOrder(file, statements);
        if (statements.isEmpty() == source.asks()) {
            problem(
                    file,
                    "sql",
                    statements.isEmpty() ? "no statement" : "statements of a source that takes none",
                    "at least one with source = sql or pgbouncer, none with another");
        }
        return statements;
    }

    private void inOrder(String file, List<VersionedSql> statements) {
        for (int later = 1; later < statements.size(); later++) {
            if (statements.get(later).fromMajor() <= statements.get(later - 1).toMajor()) {
                problem(
                        file,
                        "sql",
                        "versions that overlap or do not rise",
                        "one statement a version, in rising order");
            }
        }
    }

    private void rejectUnknown(Config said, Set<String> known) {
        for (var key : said.root().keySet()) {
            if (!known.contains(key)) {
                problems.add(said.root().get(key).origin(), key, "an unknown key", "one of " + sorted(known));
            }
        }
    }

    private void problem(String file, String key, String found, String allowed) {
        problems.add(ConfigOriginFactory.newSimple(file), key, found, allowed);
    }

    private static List<String> sorted(Set<String> keys) {
        return keys.stream().sorted().toList();
    }

    private static String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
