package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.UnresolvedSubstitution;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.collector.TargetSourcesConfig;
import org.pganalytics.collector.TargetTlsConfig;
import org.pganalytics.fault.Span;
import org.pganalytics.model.Passfile;

/** Reads the targets of a collector: those of its list, and one for each file of a directory. */
final class TargetSections {
    static final Config DEFAULTS = ConfigFactory.parseString("""
            name = "", host = "127.0.0.1", port = 5432, user = ""
            password = "", password-file = "", password-env = "", passfile = ""
            database = "postgres", databases = [], sslmode = "prefer", certificates = ""
            client-certificate = "", client-key = "", connections-max = 2
            statement-timeout = 10s, lock-timeout = 500ms, intervals = {}, skip = []
            kind = postgresql, on-this-host = auto
            """);
    private static final String SUFFIX = ".conf";
    private static final int FILES_MAX = 10_000;

    private final Map<String, String> environment;
    private final Problems problems;

    TargetSections(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** @param directory may be null: then there is none */
    List<TargetConfig> read(List<Section> listed, Path directory) {
        return Stream.concat(listed.stream(), directory == null ? Stream.of() : sections(directory).stream())
                .map(this::target)
                .filter(Objects::nonNull)
                .toList();
    }

    /** A file is one target; what it does not name is called like its file. */
    private List<Section> sections(Path directory) {
        var sections = new ArrayList<Section>();
        for (var file : files(directory)) {
            var said = resolved(file, Layers.parse(file, problems));
            Elements.rejectUnknown("targets", said.root(), DEFAULTS, problems);
            var named = ConfigFactory.empty().withValue("name", ConfigValueFactory.fromAnyRef(nameOf(file)));
            sections.add(new Section(said.withFallback(named).withFallback(DEFAULTS), DEFAULTS, "", problems));
        }
        return sections;
    }

    private static String nameOf(Path file) {
        var name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private Config resolved(Path file, Config said) {
        try {
            return said.resolve();
        } catch (UnresolvedSubstitution nowhere) {
            problem(file, "(syntax)", nowhere.getMessage(), "a reference to a key or variable that is set");
            return ConfigFactory.empty();
        }
    }

    private List<Path> files(Path directory) {
        try (var files = Files.list(directory)) {
            var found = files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .limit(FILES_MAX + 1L)
                    .toList();
            if (found.size() > FILES_MAX) {
                problem(directory, "targets-dir", "more files", "at most %d".formatted(FILES_MAX));
                return List.of();
            }
            return found;
        } catch (IOException | UncheckedIOException unreadable) {
            problem(directory, "targets-dir", "no directory that can be read", "a directory, or \"\"");
            return List.of();
        }
    }

    private TargetConfig target(Section element) {
        var tls = Binder.bind(TargetTlsConfig.class, element, Map.of());
        return Binder.bind(
                TargetConfig.class,
                element,
                Map.of(
                        "tls", tls == null ? TargetTlsConfig.NONE : tls,
                        "password", password(element),
                        "intervals", intervals(element),
                        "skip", Set.copyOf(element.texts("skip")),
                        "sources", Binder.bind(TargetSourcesConfig.class, element, Map.of())));
    }

    /** What is out of range is told, and left out. */
    static Map<String, Duration> intervals(Section section) {
        var good = new HashMap<String, Duration>();
        section.durations("intervals").forEach((family, interval) -> {
            if (interval.compareTo(TargetConfig.INTERVAL_MIN) < 0
                    || interval.compareTo(TargetConfig.INTERVAL_MAX) > 0) {
                section.problem(
                        "intervals", "%s = %s".formatted(family, Span.text(interval)), "1s to 1d for each family");
            } else {
                good.put(family, interval);
            }
        });
        return good;
    }

    private String password(Section element) {
        var sources = Stream.of("password", "password-file", "password-env", "passfile")
                .filter(key -> !element.text(key).isEmpty())
                .toList();
        if (sources.size() > 1) {
            element.problem(sources.get(1), "two passwords: " + sources, "one of them");
            return "";
        }
        return switch (sources.isEmpty() ? "" : sources.get(0)) {
            case "password-env" -> ofEnvironment(element);
            case "passfile" -> ofPassfile(element);
            default -> element.secret("password");
        };
    }

    private String ofEnvironment(Section element) {
        var name = element.text("password-env");
        var value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            element.problem("password-env", name + ", which is not set", "the name of an environment variable that is");
        }
        return value;
    }

    /** As libpq takes it, with one difference: a file that others may read is told, and not passed over. */
    private String ofPassfile(Section element) {
        var file = element.file("passfile");
        if (file == null || !Files.isReadable(file)) {
            return "";
        }
        try {
            var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            if (!mode.endsWith("------")) {
                element.problem(
                        "passfile", file + " with mode " + mode, "a file for its owner only: chmod 600 " + file);
            }
            var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            var wanted =
                    List.of(element.text("host"), element.text("port"), element.text("database"), element.text("user"));
            var found = Passfile.password(lines, wanted.get(0), element.integer("port"), wanted.get(2), wanted.get(3));
            if (found.isEmpty()) {
                element.problem("passfile", "no line in " + file + " for " + String.join(":", wanted), "such a line");
            }
            return found.orElse("");
        } catch (IOException unreadable) {
            element.problem("passfile", file + ", which cannot be read as text", "a password file as libpq reads it");
            return "";
        }
    }

    private void problem(Path file, String key, String found, String allowed) {
        problems.add(ConfigOriginFactory.newSimple(file.toString()), key, found, allowed);
    }
}
